/*
 * Reports for people: functions, and who called them.
 */
#include "demangle.h"
#include "memory.h"
#include "report_formats.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static int compare_functions(const void *one, const void *other)
{
	const struct result_function *a = one, *b = other;

	if (a->self != b->self)
		return a->self < b->self ? 1 : -1;
	if (a->value != b->value)
		return a->value < b->value ? 1 : -1;
	if (a->calls != b->calls)
		return a->calls < b->calls ? 1 : -1;
	return strcmp(a->name, b->name);
}

static int compare_arcs(const void *one, const void *other)
{
	const struct result_arc *a = one, *b = other;
	int order = strcmp(a->callee, b->callee);

	if (order)
		return order;
	return (a->cycles < b->cycles) - (a->cycles > b->cycles);
}

/* Returns that did not happen make sums of the payload `counter` wrong. */
static void warn(FILE *file, const struct result *result)
{
	if (result->jumps)
		fprintf(file,
			"\n%" PRIu64
			" longjmp or throw: functions left that way have no return, and values of\n"
			"the payload `counter` are wrong for them.\n",
			result->jumps);
	if (result->lost)
		fprintf(file, "\n%" PRIu64 " returns belonged to no call.\n", result->lost);
}

struct sums {
	uint64_t calls, self, value;
};

static struct sums sums_of(const struct result *result)
{
	struct sums sums = { 0 };

	for (size_t index = 0; index < result->function_count; index++) {
		sums.calls += result->functions[index].calls;
		sums.self += result->functions[index].self;
		sums.value += result->functions[index].value;
	}
	return sums;
}

/* A time with a unit that leaves it readable, in ten columns. */
static void print_time(FILE *file, double seconds)
{
	static const struct {
		double factor;
		const char *name;
	} units[] = { { 1, "s " }, { 1e3, "ms" }, { 1e6, "us" }, { 1e9, "ns" } };
	size_t unit = 0;

	while (unit < 3 && seconds * units[unit].factor < 1)
		unit++;
	fprintf(file, " %8.*f %s", unit == 3 ? 1 : 3, seconds * units[unit].factor,
		units[unit].name);
}

/* A time in all, or for each of so many calls. */
static void print_cycles(FILE *file, const struct result *result, uint64_t cycles, uint64_t calls)
{
	if (result->run_cycles && result->run_nanoseconds)
		print_time(file, calls ? result_seconds(result, cycles) / calls : 0);
}

static void print_function(FILE *file, const struct result *result, const struct sums *sums,
			   const struct result_function *function)
{
	if (sums->self)
		fprintf(file, "%6.1f ", 100.0 * function->self / sums->self);
	fprintf(file, "%12" PRIu64, function->calls);
	if (sums->self) {
		fprintf(file, " %14" PRIu64 " %14" PRIu64, function->self, function->cycles);
		print_cycles(file, result, function->self, 1);
		print_cycles(file, result, function->cycles, 1);
		print_cycles(file, result, function->self, function->calls);
		print_cycles(file, result, function->cycles, function->calls);
	}
	if (sums->value || !sums->self)
		fprintf(file, " %12" PRIu32, function->value);
	fprintf(file, "  %s\n", function->name);
}

static void print_heading(FILE *file, const struct result *result, const struct sums *sums)
{
	bool timed = result->run_cycles && result->run_nanoseconds;

	if (sums->self)
		fprintf(file, "%6s ", "self %");
	fprintf(file, "%12s", "calls");
	if (sums->self)
		fprintf(file, " %14s %14s", "self cycles", "cycles");
	if (sums->self && timed)
		fprintf(file, " %11s %11s %11s %11s", "self time", "time", "self/call",
			"time/call");
	if (sums->value || !sums->self)
		fprintf(file, " %12s", "value");
	fprintf(file, "  function\n");
}

void report_flat(FILE *file, struct result *result)
{
	struct sums sums = sums_of(result);

	if (result->function_count)
		qsort(result->functions, result->function_count, sizeof(*result->functions),
		      compare_functions);
	print_heading(file, result, &sums);
	for (size_t index = 0; index < result->function_count; index++)
		print_function(file, result, &sums, &result->functions[index]);
	if (sums.calls + sums.self + sums.value == 0)
		fprintf(file,
			"\nNothing was measured. The payload `counter` reads lopi_counter, which "
			"the program has\nto move on; --payload cycles measures time.\n");
	warn(file, result);
}

void report_callgraph(FILE *file, struct result *result)
{
	if (result->arc_count == 0)
		die(STATUS_FAILED,
		    "%s: no callers in it (instrument with --payload callgraph or trace)",
		    result->sources[0].path);
	qsort(result->arcs, result->arc_count, sizeof(*result->arcs), compare_arcs);
	fprintf(file, "%12s %14s", "calls", "cycles");
	if (result->run_cycles)
		fprintf(file, " %11s %11s", "time", "time/call");
	fprintf(file, "  %-32s %s\n", "caller", "function");
	for (size_t index = 0; index < result->arc_count; index++) {
		const struct result_arc *arc = &result->arcs[index];

		if (!arc->calls)
			continue;
		fprintf(file, "%12" PRIu64 " %14" PRIu64, arc->calls, arc->cycles);
		print_cycles(file, result, arc->cycles, 1);
		print_cycles(file, result, arc->cycles, arc->calls);
		fprintf(file, "  %-32s %s\n", demangle(arc->caller), demangle(arc->callee));
	}
	warn(file, result);
}
