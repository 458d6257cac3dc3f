/*
 * phases: a program whose behaviour changes. It makes system calls for a while, then computes, and
 * so on: what migration between the application kernel and the boot processor is for
 * (docs/appkern.md).
 */
#include "common/bench.h"

#include <stddef.h>
#include <sys/stat.h>

#define ROUNDS 3
#define CALLS  5000
#define TURNS  4000000 /* of an empty loop: some tens of ticks on Bochs */

static void make_calls(void)
{
	struct stat status;

	for (uint32_t i = 0; i < CALLS; i++)
		bench_check(stat("/bin", &status) == 0, "stat");
}

static void compute(void)
{
	for (volatile uint32_t i = 0; i < TURNS; i++)
		;
}

static uint64_t time_of(void (*phase)(void))
{
	const uint64_t start = bench_cycles();

	phase();
	return bench_cycles() - start;
}

int main(int argc, char **argv)
{
	static const struct bench_program program = {
		.name = "phases",
		.description = "Phases of system calls and of computing, by turns: cycles of each.",
		.rounds = ROUNDS,
	};
	static uint64_t calls[BENCH_ROUNDS_MAX], computing[BENCH_ROUNDS_MAX];

	bench_start_options(argc, argv, &program);
	for (uint32_t round = 0; round < bench_rounds(); round++) {
		calls[round] = time_of(make_calls);
		computing[round] = time_of(compute);
	}
	bench_report_rounds("calls", calls, 1);
	bench_report_rounds("computing", computing, 1);
	return 0;
}
