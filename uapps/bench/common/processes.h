/*
 * Work done in several processes at once, for the benchmarks that compare that with one process
 * alone (Sections 2.3 and 3.4). The time counts from the first one's start to the last one's end.
 */
#ifndef UAPPS_BENCH_COMMON_PROCESSES_H
#define UAPPS_BENCH_COMMON_PROCESSES_H

#include <castle/castle.h>
#include <stddef.h>
#include <stdint.h>

#define BENCH_PROCESSES_MAX 64

/* Bytes that a process may send to its parent beside its times. */
#define BENCH_RESULT_MAX 128

/* What one process does. All functions get `argument`. */
struct bench_work {
	const char *name; /* with which the kernel's account of time is taken; null: without it */
	const void *argument;
	/* Outside of the measured time: touches what will be touched. May be null. */
	void (*prepare)(const void *argument, uint32_t process);
	/* What is measured. Leaves `result_size` bytes at `result` for the parent. */
	void (*run)(const void *argument, uint32_t process, void *result);
	size_t result_size;
};

/* A run of several processes. */
struct bench_run {
	uint64_t start; /* of the first one */
	uint64_t cycles;
	struct castle_account account; /* undefined without a name */
	uint32_t cpus;                 /* that they ran on */
};

/*
 * Does the work in `processes` processes, all on CPUs of their own if there are enough. Their
 * results go to `results`, in the order in which they came.
 */
void bench_run_processes(const struct bench_work *work, uint32_t processes, struct bench_run *run,
			 void *results);

#endif
