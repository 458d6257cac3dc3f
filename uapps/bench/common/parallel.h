/*
 * Parallel programs: one piece of work done by several threads that meet at barriers, as the
 * SPLASH-2 programs are (Woo, Ohara, Torrie, Singh, Gupta, ISCA 1995). A round creates the threads,
 * the main thread being one of them; each initialises its share, all meet, and then works. The
 * parallel section, SPLASH-2's time "without initialisation", is from that meeting to the last
 * thread's end.
 */
#ifndef UAPPS_BENCH_COMMON_PARALLEL_H
#define UAPPS_BENCH_COMMON_PARALLEL_H

#include "bench.h"

#include <semaphore.h>
#include <stddef.h>

#define PARALLEL_THREADS_MAX 64

/* Numbers of threads, from 0 on, are what the first two are called with. */
struct parallel_program {
	void (*initialise)(uint32_t thread); /* fills and touches what the thread has or will use */
	void (*work)(uint32_t thread);       /* the parallel section */
	int (*check)(void); /* in the main thread after each round; 0: the result is wrong */
};

/* How many threads: as many as there are processors for a program, unless told otherwise. */
extern uint32_t parallel_threads;

/* The option -p THREADS. */
#define PARALLEL_OPTION                                                             \
	{                                                                           \
		"-p", "THREADS", "1 to 64; as many as can run at once unless told", \
			parallel_set_threads                                        \
	}
int parallel_set_threads(const char *value);

/* As bench_start_options(). Call it first. */
void parallel_start(int argc, char **argv, const struct bench_program *program);

/*
 * Measures all rounds and reports `parallel`, `total` (from the first thread's creation to the last
 * join) and `barrier` (what all threads together spent waiting for each other in the parallel
 * section). Ends the program with status 1 when a result is wrong.
 */
void parallel_measure(const struct parallel_program *program);

/* Runs the program once, for a check that needs all threads. */
void parallel_run(const struct parallel_program *program);

/* The first of `count` things that is this thread's; the next thread's first is where its end. */
static inline uint32_t parallel_first(uint32_t count, uint32_t thread)
{
	return (uint64_t)count * thread / parallel_threads;
}

/* Waits until all threads are here. */
void parallel_barrier(uint32_t thread);

/* Waits until another thread posts the semaphore. */
void parallel_await(uint32_t thread, sem_t *semaphore);

/* Memory, 64-byte aligned, for as long as the program runs; ends the program if there is none. */
void *parallel_allocate(size_t bytes);

/* A number that looks random; each `index` has its own, so that threads can make them apart. */
static inline uint32_t parallel_random(uint32_t index)
{
	index ^= index >> 16;
	index *= 0x85ebca6b; /* MurmurHash3's last step */
	index ^= index >> 13;
	index *= 0xc2b2ae35;
	return index ^ index >> 16;
}

/* The same as a fraction from 0 to below 1. */
static inline double parallel_random_fraction(uint32_t index)
{
	return (parallel_random(index) >> 1) * 0x1p-31;
}

#endif
