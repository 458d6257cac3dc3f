/*
 * Timing and reporting. Integers only: the floating-point unit stays out of the measurements.
 */
#include "bench.h"

#include <castle/castle.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS_MAX 1000

static const char *bench_name;
static uint32_t rounds = BENCH_ROUNDS;

static const char *cycle_unit(void)
{
	return strcmp(castle_kernel_page()->machine, "icount") == 0 ? "instructions" : "cycles";
}

static void usage(const char *description, int status)
{
	printf("usage: %s [-n ROUNDS]\n%s\nROUNDS: 1 to %d, %d unless told; the median is "
	       "reported\n",
	       bench_name, description, ROUNDS_MAX, BENCH_ROUNDS);
	exit(status);
}

void bench_start(int argc, char **argv, const char *name, const char *description)
{
	bench_name = name;
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		usage(description, 0);
	if (argc == 3 && strcmp(argv[1], "-n") == 0)
		rounds = atoi(argv[2]);
	else if (argc != 1)
		usage(description, 2);
	if (rounds < 1 || rounds > ROUNDS_MAX)
		usage(description, 2);
	printf("%-26s %10s %10s %10s  %s\n", name, "median", "least", "most", "unit");
}

void bench_report(const char *metric, uint32_t value, uint32_t least, uint32_t most, uint32_t count,
		  const char *unit)
{
	const struct castle_kernel_page *page = castle_kernel_page();

	if (!unit)
		unit = cycle_unit();
	printf("  %-24s %10lu %10lu %10lu  %s\n", metric, (unsigned long)value,
	       (unsigned long)least, (unsigned long)most, unit);
	printf("@castle "
	       "{\"bench\":\"%s\",\"metric\":\"%s\",\"value\":%lu,\"least\":%lu,\"most\":%lu,"
	       "\"unit\":\"%s\",\"mode\":\"%s\",\"cpus\":%lu,\"machine\":\"%s\",\"rounds\":%lu,"
	       "\"count\":%lu}\n",
	       bench_name, metric, (unsigned long)value, (unsigned long)least, (unsigned long)most,
	       unit, page->mode, (unsigned long)page->cpus, page->machine, (unsigned long)rounds,
	       (unsigned long)count);
	fflush(stdout);
}

static int compare(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return x < y ? -1 : x > y;
}

/* The time of one round: of everything, or of the kernel alone. */
static uint64_t round_total(uint32_t count, void (*operations)(uint32_t))
{
	const uint64_t start = bench_cycles();

	operations(count);
	return bench_cycles() - start;
}

static uint64_t round_kernel(uint32_t count, void (*operations)(uint32_t))
{
	struct castle_account account;

	castle_account_start(NULL);
	operations(count);
	castle_account_stop(&account);
	return account.kernel_cycles;
}

static void measure(const char *metric, uint32_t count, void (*operations)(uint32_t),
		    uint64_t (*round)(uint32_t, void (*)(uint32_t)))
{
	static uint32_t figures[ROUNDS_MAX];

	for (uint32_t i = 0; i < BENCH_WARM_UP; i++)
		round(count, operations);
	for (uint32_t i = 0; i < rounds; i++)
		figures[i] = (round(count, operations) + count / 2) / count;
	qsort(figures, rounds, sizeof *figures, compare);
	bench_report(metric, figures[rounds / 2], figures[0], figures[rounds - 1], count, NULL);
}

void bench_measure(const char *metric, uint32_t count, void (*operations)(uint32_t count))
{
	measure(metric, count, operations, round_total);
}

void bench_measure_kernel(const char *metric, uint32_t count, void (*operations)(uint32_t count))
{
	measure(metric, count, operations, round_kernel);
}

void bench_check(int good, const char *what)
{
	if (good)
		return;
	printf("%s: %s failed: %s\n", bench_name, what, strerror(errno));
	exit(1);
}
