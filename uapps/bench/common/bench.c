/*
 * Timing and reporting. Integers only: the floating-point unit stays out of the measurements.
 */
#include "bench.h"

#include <castle/castle.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VALUE_SIZE 24

static const struct bench_program *bench;
static uint32_t rounds = BENCH_ROUNDS;
static char parameters[160];

static const char *cycle_unit(void)
{
	return strcmp(castle_kernel_page()->machine, "icount") == 0 ? "instructions" : "cycles";
}

static __attribute__((noreturn)) void usage(int status)
{
	printf("usage: %s [-n ROUNDS]", bench->name);
	for (uint32_t i = 0; i < bench->option_count; i++) {
		const struct bench_option *option = &bench->options[i];
		printf(option->argument ? " [%s %s]" : " [%s]", option->name, option->argument);
	}
	printf("\n%s\nROUNDS: 1 to %d, %lu unless told; the median is reported\n",
	       bench->description, BENCH_ROUNDS_MAX, (unsigned long)bench->rounds);
	for (uint32_t i = 0; i < bench->option_count; i++)
		printf("%s: %s\n",
		       bench->options[i].argument ? bench->options[i].argument
						  : bench->options[i].name,
		       bench->options[i].meaning);
	exit(status);
}

void bench_usage(void)
{
	usage(2);
}

int bench_read_number(const char *text, uint32_t least, uint32_t most, uint32_t *number)
{
	char *end;
	const unsigned long value = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || value < least || value > most)
		return 0;
	*number = value;
	return 1;
}

static int set_rounds(const char *value)
{
	return bench_read_number(value, 1, BENCH_ROUNDS_MAX, &rounds);
}

static const struct bench_option *find_option(const char *name)
{
	static const struct bench_option rounds_option = { "-n", "ROUNDS", NULL, set_rounds };

	for (uint32_t i = 0; i < bench->option_count; i++)
		if (strcmp(name, bench->options[i].name) == 0)
			return &bench->options[i];
	return strcmp(name, rounds_option.name) == 0 ? &rounds_option : NULL;
}

/* How many words the option takes; 0 if there is none such, or its argument is missing or wrong. */
static int set_option(const char *name, const char *value)
{
	const struct bench_option *option = find_option(name);

	if (!option)
		return 0;
	if (!option->argument)
		return option->set(NULL);
	return value && option->set(value) ? 2 : 0;
}

/* QEMU's processors are threads of a host that does other things, too, and counts its cycles. */
static void warn_of_host_time(void)
{
	if (strcmp(castle_kernel_page()->machine, "qemu") == 0)
		fprintf(stderr,
			"%s: cycles here are the host's time, however busy it is, and speed-ups "
			"mean little:\n"
			"%s: MACHINE=icount (one CPU) and MACHINE=bochs count instructions\n",
			bench->name, bench->name);
}

void bench_start_options(int argc, char **argv, const struct bench_program *program)
{
	bench = program;
	rounds = program->rounds;
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		usage(0);
	for (int i = 1; i < argc;) {
		const int words = set_option(argv[i], argv[i + 1]);
		if (words == 0)
			usage(2);
		i += words;
	}
	warn_of_host_time();
}

void bench_table_head(void)
{
	printf("%-26s %10s %10s %10s  %s\n", bench->name, "median", "least", "most", "unit");
}

void bench_start(int argc, char **argv, const char *name, const char *description)
{
	static struct bench_program program = { .rounds = BENCH_ROUNDS };

	program.name = name;
	program.description = description;
	bench_start_options(argc, argv, &program);
	bench_table_head();
}

uint32_t bench_rounds(void)
{
	return rounds;
}

void bench_parameters(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(parameters, sizeof parameters, format, arguments);
	va_end(arguments);
}

/* The line for programs: a figure with the circumstances in which it was measured. */
static void record(const char *metric, const char *value, const char *least, const char *most,
		   uint32_t count, const char *unit)
{
	const struct castle_kernel_page *page = castle_kernel_page();

	printf("@castle "
	       "{\"bench\":\"%s\",\"metric\":\"%s\",\"value\":%s,\"least\":%s,\"most\":%s,"
	       "\"unit\":\"%s\",\"mode\":\"%s\",\"cpus\":%lu,\"machine\":\"%s\",\"rounds\":%lu,"
	       "\"count\":%lu%s%s}\n",
	       bench->name, metric, value, least, most, unit, page->mode, (unsigned long)page->cpus,
	       page->machine, (unsigned long)rounds, (unsigned long)count, *parameters ? "," : "",
	       parameters);
	fflush(stdout);
	fsync(STDOUT_FILENO); /* sending it would take time from what is measured next */
}

void bench_record(const char *metric, uint64_t value, uint64_t least, uint64_t most, uint32_t count,
		  const char *unit)
{
	char texts[3][VALUE_SIZE];

	snprintf(texts[0], VALUE_SIZE, "%llu", (unsigned long long)value);
	snprintf(texts[1], VALUE_SIZE, "%llu", (unsigned long long)least);
	snprintf(texts[2], VALUE_SIZE, "%llu", (unsigned long long)most);
	record(metric, texts[0], texts[1], texts[2], count, unit ? unit : cycle_unit());
}

void bench_report(const char *metric, uint64_t value, uint64_t least, uint64_t most, uint32_t count,
		  const char *unit)
{
	printf("  %-24s %10llu %10llu %10llu  %s\n", metric, (unsigned long long)value,
	       (unsigned long long)least, (unsigned long long)most, unit ? unit : cycle_unit());
	bench_record(metric, value, least, most, count, unit);
}

static void format_ratio(char *text, uint32_t thousandths)
{
	snprintf(text, VALUE_SIZE, "%lu.%03lu", (unsigned long)(thousandths / 1000),
		 (unsigned long)(thousandths % 1000));
}

void bench_record_ratio(const char *metric, uint32_t value, uint32_t least, uint32_t most,
			uint32_t count)
{
	char texts[3][VALUE_SIZE];

	format_ratio(texts[0], value);
	format_ratio(texts[1], least);
	format_ratio(texts[2], most);
	record(metric, texts[0], texts[1], texts[2], count, "ratio");
}

static int compare(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return x < y ? -1 : x > y;
}

uint64_t bench_median(uint64_t *figures, uint32_t count)
{
	qsort(figures, count, sizeof *figures, compare);
	return figures[count / 2];
}

void bench_report_rounds(const char *metric, uint64_t *figures, uint32_t count)
{
	const uint64_t median = bench_median(figures, rounds);

	bench_report(metric, median, figures[0], figures[rounds - 1], count, NULL);
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
	static uint64_t figures[BENCH_ROUNDS_MAX];

	for (uint32_t i = 0; i < BENCH_WARM_UP; i++)
		round(count, operations);
	for (uint32_t i = 0; i < rounds; i++)
		figures[i] = (round(count, operations) + count / 2) / count;
	bench_report_rounds(metric, figures, count);
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
	printf("%s: %s failed%s%s\n", bench->name, what, errno ? ": " : "",
	       errno ? strerror(errno) : "");
	exit(1);
}
