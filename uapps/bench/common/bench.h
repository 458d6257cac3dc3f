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

/* Rounds that are not counted, those that are unless -n says otherwise, and the most of them. */
#define BENCH_WARM_UP    3
#define BENCH_ROUNDS     15
#define BENCH_ROUNDS_MAX 1000

/*
 * Reads the options -n ROUNDS and --help, which prints `description`. Prints the table's head. Call
 * it first.
 */
void bench_start(int argc, char **argv, const char *name, const char *description);

/* An option beyond those: "-p" with its argument's name and what it means, for the usage. */
struct bench_option {
	const char *name;
	const char *argument; /* NULL: it takes none, and set() is given NULL */
	const char *meaning;
	int (*set)(const char *value); /* 0: the value is not valid; else 1 */
};

struct bench_program {
	const char *name;
	const char *description;
	uint32_t rounds; /* unless -n says otherwise */
	const struct bench_option *options;
	uint32_t option_count;
};

/* As bench_start(), with options of the program's own; without the table's head. */
void bench_start_options(int argc, char **argv, const struct bench_program *program);

/* Prints how the program is used and ends it: an option is missing. */
__attribute__((noreturn)) void bench_usage(void);

/* Prints the table's head, which the rows of bench_report() follow. */
void bench_table_head(void);

/* How many rounds count. */
uint32_t bench_rounds(void);

/* A whole decimal number from `least` to `most`; 0 if `text` is not one. */
int bench_read_number(const char *text, uint32_t least, uint32_t most, uint32_t *number);

/*
 * Parameters of the figures that follow, beside the usual ones: members of a JSON object, without
 * its braces; "" for none.
 */
__attribute__((format(printf, 1, 2))) void bench_parameters(const char *format, ...);

/* Sorts the figures and returns the one in the middle. */
uint64_t bench_median(uint64_t *figures, uint32_t count);

/* Measures `operations`, which is called with `count`, and reports it as `metric`. */
void bench_measure(const char *metric, uint32_t count, void (*operations)(uint32_t count));

/*
 * As bench_measure(), and the time in the kernel alone, from the kernel's own account, reported as
 * `metric`. The account costs some instructions an entry, which count.
 */
void bench_measure_kernel(const char *metric, uint32_t count, void (*operations)(uint32_t count));

/* Reports a figure that was measured in another way. `unit`: NULL for that of the machine's cycles.
 */
void bench_report(const char *metric, uint64_t value, uint64_t least, uint64_t most, uint32_t count,
		  const char *unit);

/* Reports the median of a figure a round, bench_rounds() of them, in the machine's cycles. */
void bench_report_rounds(const char *metric, uint64_t *figures, uint32_t count);

/* bench_report() without a row of the table: the @castle line alone. */
void bench_record(const char *metric, uint64_t value, uint64_t least, uint64_t most, uint32_t count,
		  const char *unit);

/* The @castle line of a ratio, in thousandths: 1987 is reported as 1.987. */
void bench_record_ratio(const char *metric, uint32_t value, uint32_t least, uint32_t most,
			uint32_t count);

/* Ends the program with a message if `good` is false: a benchmark checks what it does. */
void bench_check(int good, const char *what);

#endif
