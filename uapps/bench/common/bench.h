/*
 * What the benchmarks share: timing by the cycle counter, the median over rounds, and the two forms
 * of output: a table for people, and a line `@castle {json}` for each figure.
 *
 * A measurement is a function that carries out `count` operations. It runs a few rounds to warm up,
 * then the counted rounds; a round's figure is its cycles divided by its operations.
 */
#ifndef UAPPS_BENCH_COMMON_BENCH_H
#define UAPPS_BENCH_COMMON_BENCH_H

#include <stdint.h>

static inline uint64_t bench_cycles(void)
{
	uint64_t cycles;
	__asm__ volatile("rdtsc" : "=A"(cycles));
	return cycles;
}

/* Rounds that are not counted, and those that are unless -n says otherwise. */
#define BENCH_WARM_UP 3
#define BENCH_ROUNDS  15

/*
 * Reads the options -n ROUNDS and --help, which prints `description`. Prints the table's head. Call
 * it first.
 */
void bench_start(int argc, char **argv, const char *name, const char *description);

/* Measures `operations`, which is called with `count`, and reports it as `metric`. */
void bench_measure(const char *metric, uint32_t count, void (*operations)(uint32_t count));

/*
 * As bench_measure(), and the time in the kernel alone, from the kernel's own account, reported as
 * `metric`. The account costs some instructions an entry, which count.
 */
void bench_measure_kernel(const char *metric, uint32_t count, void (*operations)(uint32_t count));

/* Reports a figure that was measured in another way. `unit`: NULL for that of the machine's cycles.
 */
void bench_report(const char *metric, uint32_t value, uint32_t least, uint32_t most, uint32_t count,
		  const char *unit);

/* Ends the program with a message if `good` is false: a benchmark checks what it does. */
void bench_check(int good, const char *what);

#endif
