/*
 * Running and timing parallel programs. Each thread reads the cycle counter when it leaves the
 * barrier after the initialisation and when it has done its work; the earliest and the latest
 * reading are the two ends of the parallel section.
 */
#include "parallel.h"

#include <castle/castle.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CACHE_LINE 64

/* Looks at a semaphore before sleeping on it, some 10,000 cycles. */
#define LOOKS 500

struct worker {
	pthread_t thread;
	uint64_t start, end;
	uint64_t waited;
} __attribute__((aligned(CACHE_LINE)));

enum { PARALLEL, TOTAL, BARRIER, METRICS };

uint32_t parallel_threads;

static struct worker workers[PARALLEL_THREADS_MAX];
static pthread_barrier_t barrier;
static const struct parallel_program *running;

int parallel_set_threads(const char *value)
{
	return bench_read_number(value, 1, PARALLEL_THREADS_MAX, &parallel_threads);
}

void parallel_start(int argc, char **argv, const struct bench_program *program)
{
	parallel_threads = castle_program_cpus();
	bench_start_options(argc, argv, program);
}

void *parallel_allocate(size_t bytes)
{
	void *memory = NULL;

	errno = posix_memalign(&memory, CACHE_LINE, bytes);
	bench_check(errno == 0, "memory");
	return memory;
}

void parallel_barrier(uint32_t thread)
{
	const uint64_t start = bench_cycles();

	pthread_barrier_wait(&barrier);
	workers[thread].waited += bench_cycles() - start;
}

static bool looks_good(sem_t *semaphore)
{
	if (parallel_threads > castle_program_cpus())
		return false;
	for (int looks = 0; looks < LOOKS; looks++) {
		if (sem_trywait(semaphore) == 0)
			return true;
		__builtin_ia32_pause();
	}
	return false;
}

void parallel_await(uint32_t thread, sem_t *semaphore)
{
	const uint64_t start = bench_cycles();

	if (!looks_good(semaphore))
		while (sem_wait(semaphore) != 0)
			bench_check(errno == EINTR, "sem_wait");
	workers[thread].waited += bench_cycles() - start;
}

static void *work(void *argument)
{
	struct worker *self = argument;
	const uint32_t number = self - workers;

	running->initialise(number);
	pthread_barrier_wait(&barrier);
	self->start = bench_cycles();
	running->work(number);
	self->end = bench_cycles();
	return NULL;
}

void parallel_run(const struct parallel_program *program)
{
	running = program;
	memset(workers, 0, sizeof workers);
	pthread_barrier_init(&barrier, NULL, parallel_threads);
	for (uint32_t i = 1; i < parallel_threads; i++) {
		errno = pthread_create(&workers[i].thread, NULL, work, &workers[i]);
		bench_check(errno == 0, "pthread_create");
	}
	work(&workers[0]);
	for (uint32_t i = 1; i < parallel_threads; i++)
		bench_check(pthread_join(workers[i].thread, NULL) == 0, "pthread_join");
	pthread_barrier_destroy(&barrier);
}

static void measure_round(const struct parallel_program *program, uint64_t figures[METRICS])
{
	const uint64_t begin = bench_cycles();
	uint64_t start = UINT64_MAX, end = 0;

	parallel_run(program);
	figures[TOTAL] = bench_cycles() - begin;
	figures[BARRIER] = 0;
	for (uint32_t i = 0; i < parallel_threads; i++) {
		start = workers[i].start < start ? workers[i].start : start;
		end = workers[i].end > end ? workers[i].end : end;
		figures[BARRIER] += workers[i].waited;
	}
	figures[PARALLEL] = end - start;
	if (!program->check()) {
		printf("the result is wrong\n");
		exit(1);
	}
}

void parallel_measure(const struct parallel_program *program)
{
	static const char *const names[METRICS] = { "parallel", "total", "barrier" };
	static uint64_t figures[METRICS][BENCH_ROUNDS_MAX];
	const uint32_t rounds = bench_rounds();
	uint64_t round[METRICS];

	for (uint32_t i = 0; i < rounds; i++) {
		measure_round(program, round);
		for (int metric = 0; metric < METRICS; metric++)
			figures[metric][i] = round[metric];
	}
	bench_table_head();
	for (int metric = 0; metric < METRICS; metric++) {
		const uint64_t median = bench_median(figures[metric], rounds);
		bench_report(names[metric], median, figures[metric][0], figures[metric][rounds - 1],
			     1, NULL);
	}
}
