/*
 * scaling: runs each operation in one task and in n, and reports what it costs a task until the
 * last one is done (the makespan), the speed-up over one task, and how even the tasks' times were.
 */
#include "../common/bench.h"
#include "../common/processes.h"
#include "scaling.h"

#include <castle/castle.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#define ROUNDS 3

static uint32_t task_count;
static const char *only; /* the operation that -o names; NULL: all */
static int use_threads;

static int set_tasks(const char *value)
{
	return bench_read_number(value, 1, SCALING_TASKS_MAX, &task_count);
}

static int set_operation(const char *value)
{
	only = value;
	for (const struct operation *operation = operations; operation->name; operation++)
		if (strcmp(operation->name, value) == 0)
			return 1;
	return 0;
}

static int set_threads(const char *value)
{
	(void)value;
	use_threads = 1;
	return 1;
}

static const struct bench_option options[] = {
	{ "-p", "TASKS", "how many at once; as many as there are CPUs for programs unless told",
	  set_tasks },
	{ "-o", "OPERATION", "this one only, such as getpid, open, create-shared", set_operation },
	{ "-t", NULL, "tasks are threads of one process, not processes", set_threads },
};

static const struct bench_program program = {
	.name = "scaling",
	.description = "One operation, repeated by n tasks at once: what it costs each of them.",
	.rounds = ROUNDS,
	.options = options,
	.option_count = sizeof options / sizeof *options,
};

/* A run of `tasks` tasks: cycles until the last one was done, and those of the quickest, slowest.
 */
struct outcome {
	uint64_t makespan, quickest, slowest;
};

/* A task; its own time is its result. */
static void task_run(const void *argument, uint32_t task, void *result)
{
	const struct operation *operation = argument;
	const uint64_t start = bench_cycles();
	uint64_t own;

	operation->run(task, operation->count);
	own = bench_cycles() - start;
	memcpy(result, &own, sizeof own);
}

static void task_prepare(const void *argument, uint32_t task)
{
	const struct operation *operation = argument;

	if (operation->prepare)
		operation->prepare(task);
	operation->run(task, 1 + operation->count / 20); /* caches, stocks, page tables */
}

static uint64_t run_processes(const struct operation *operation, uint32_t tasks, uint64_t *own)
{
	const struct bench_work work = {
		.argument = operation,
		.prepare = task_prepare,
		.run = task_run,
		.result_size = sizeof *own,
	};
	struct bench_run run;

	bench_run_processes(&work, tasks, &run, own);
	return run.cycles;
}

struct worker {
	const struct operation *operation;
	uint32_t task;
	uint64_t start, end;
};

static atomic_uint ready_workers, started;

/* Threads spin until all are ready: so each has a processor of its own, if there is one. */
static void *worker_main(void *argument)
{
	struct worker *worker = argument;
	uint64_t own;

	task_prepare(worker->operation, worker->task);
	atomic_fetch_add(&ready_workers, 1);
	while (!atomic_load(&started))
		;
	worker->start = bench_cycles();
	task_run(worker->operation, worker->task, &own);
	worker->end = bench_cycles();
	return NULL;
}

static uint64_t workers_makespan(const struct worker *workers, uint32_t tasks, uint64_t *own)
{
	uint64_t start = UINT64_MAX, end = 0;

	for (uint32_t i = 0; i < tasks; i++) {
		start = workers[i].start < start ? workers[i].start : start;
		end = workers[i].end > end ? workers[i].end : end;
		own[i] = workers[i].end - workers[i].start;
	}
	return end - start;
}

/* The main thread is one of them, the last to be ready, and lets all go. */
static uint64_t run_threads(const struct operation *operation, uint32_t tasks, uint64_t *own)
{
	static struct worker workers[SCALING_TASKS_MAX];
	pthread_t threads[SCALING_TASKS_MAX];

	atomic_store(&ready_workers, 0);
	atomic_store(&started, 0);
	for (uint32_t i = 0; i < tasks; i++)
		workers[i] = (struct worker){ .operation = operation, .task = i };
	for (uint32_t i = 1; i < tasks; i++)
		bench_check(pthread_create(&threads[i], NULL, worker_main, &workers[i]) == 0,
			    "thread");
	while (atomic_load(&ready_workers) < tasks - 1)
		;
	atomic_store(&started, 1);
	worker_main(&workers[0]);
	for (uint32_t i = 1; i < tasks; i++)
		bench_check(pthread_join(threads[i], NULL) == 0, "join");
	return workers_makespan(workers, tasks, own);
}

static void measure_once(const struct operation *operation, uint32_t tasks, struct outcome *outcome)
{
	uint64_t own[SCALING_TASKS_MAX];

	outcome->makespan = use_threads ? run_threads(operation, tasks, own)
					: run_processes(operation, tasks, own);
	outcome->quickest = outcome->slowest = own[0];
	for (uint32_t i = 1; i < tasks; i++) {
		outcome->quickest = own[i] < outcome->quickest ? own[i] : outcome->quickest;
		outcome->slowest = own[i] > outcome->slowest ? own[i] : outcome->slowest;
	}
}

/* The round with the median makespan; cycles are those of one operation from here on. */
static struct outcome measure(const struct operation *operation, uint32_t tasks)
{
	static struct outcome outcomes[BENCH_ROUNDS_MAX];
	static uint64_t makespans[BENCH_ROUNDS_MAX];
	const uint32_t rounds = bench_rounds(), count = operation->count;
	struct outcome result;
	uint64_t median;

	for (uint32_t i = 0; i < rounds; i++) {
		measure_once(operation, tasks, &outcomes[i]);
		makespans[i] = outcomes[i].makespan;
	}
	median = bench_median(makespans, rounds);
	for (uint32_t i = 0; i < rounds; i++)
		if (outcomes[i].makespan == median)
			result = outcomes[i];
	result.makespan = (result.makespan + count / 2) / count;
	return result;
}

/* Thousandths: how many times the throughput of one task n have, and quickest over slowest. */
static void report(const struct operation *operation, const struct outcome *one,
		   const struct outcome *all)
{
	const uint32_t speedup = one->makespan * task_count * 1000 / all->makespan;
	const uint32_t fairness = all->slowest ? all->quickest * 1000 / all->slowest : 1000;
	char metric[32];

	printf("  %-16s %10llu %10llu %7lu.%03lu %5lu.%03lu\n", operation->name,
	       (unsigned long long)one->makespan, (unsigned long long)all->makespan,
	       (unsigned long)(speedup / 1000), (unsigned long)(speedup % 1000),
	       (unsigned long)(fairness / 1000), (unsigned long)(fairness % 1000));
	bench_record(operation->name, all->makespan, all->makespan, all->makespan, operation->count,
		     NULL);
	snprintf(metric, sizeof metric, "%s.one", operation->name);
	bench_record(metric, one->makespan, one->makespan, one->makespan, operation->count, NULL);
	snprintf(metric, sizeof metric, "%s.speedup", operation->name);
	bench_record_ratio(metric, speedup, speedup, speedup, operation->count);
	snprintf(metric, sizeof metric, "%s.fairness", operation->name);
	bench_record_ratio(metric, fairness, fairness, fairness, operation->count);
}

int main(int argc, char **argv)
{
	bench_start_options(argc, argv, &program);
	if (!task_count)
		task_count = castle_program_cpus();
	bench_parameters("\"tasks\":%lu,\"kind\":\"%s\"", (unsigned long)task_count,
			 use_threads ? "thread" : "process");
	printf("%-18s %10s %7lu %s %11s %9s\n", "scaling", "one task", (unsigned long)task_count,
	       use_threads ? "threads" : "tasks", "speed-up", "fairness");
	operations_prepare(task_count);
	for (const struct operation *operation = operations; operation->name; operation++) {
		struct outcome one, all;
		if (only && strcmp(only, operation->name) != 0)
			continue;
		one = measure(operation, 1);
		all = task_count == 1 ? one : measure(operation, task_count);
		report(operation, &one, &all);
	}
	operations_clean_up(task_count);
	return 0;
}
