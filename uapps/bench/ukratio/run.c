/*
 * Running a workload in several processes at once.
 */
#include "ukratio.h"

static void work(const void *workload, uint32_t process, void *result)
{
	(void)process, (void)result;
	workload_run(workload);
}

/* Touches all that the workload will touch. */
static void warm_up(const void *argument, uint32_t process)
{
	struct workload little = *(const struct workload *)argument;

	(void)process;
	little.calls = little.calls < 10 ? little.calls : 10;
	little.last_turns = little.last_turns < 1000 ? little.last_turns : 1000;
	workload_run(&little);
}

void run_processes(const struct workload *workload, uint32_t processes, struct bench_run *run)
{
	const struct bench_work all = {
		.name = "ukratio",
		.argument = workload,
		.prepare = warm_up,
		.run = work,
	};

	bench_run_processes(&all, processes, run, NULL);
}
