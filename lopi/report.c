/*
 * lopi report: a flat profile, callers, folded stacks, a flame graph, or a trace for a browser.
 */
#include "report.h"
#include "flame.h"
#include "memory.h"
#include "result.h"
#include "stacks.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
	"usage: lopi report [OPTION]... [FILE]\n"
	"\n"
	"Shows what a run of an instrumented program wrote to FILE (lopi.out; LOPI_OUT names "
	"another).\n"
	"\n"
	"  --flat       functions with calls, cycles and value, the costliest first (default)\n"
	"  --callgraph  who called whom, how often and for how long (--payload callgraph)\n"
	"  --folded     a line for each stack of calls, with its own cycles (--payload trace)\n"
	"  --svg        the same as a flame graph (--payload trace)\n"
	"  --chrome     all calls in time, as JSON for trace viewers (--payload trace)\n"
	"  -o FILE      write there instead of to the terminal\n";

typedef void writer(FILE *file, struct result *result);

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

static void write_flat(FILE *file, struct result *result)
{
	uint64_t total = 0;

	if (result->function_count)
		qsort(result->functions, result->function_count, sizeof(*result->functions),
		      compare_functions);
	for (size_t index = 0; index < result->function_count; index++)
		total += result->functions[index].self;
	fprintf(file, "%6s %12s %14s %14s %12s  %s\n", "self %", "calls", "self cycles", "cycles",
		"value", "function");
	for (size_t index = 0; index < result->function_count; index++) {
		const struct result_function *function = &result->functions[index];

		fprintf(file, "%6.1f %12" PRIu64 " %14" PRIu64 " %14" PRIu64 " %12" PRIu32 "  %s\n",
			total ? 100.0 * function->self / total : 0, function->calls, function->self,
			function->cycles, function->value, function->name);
	}
	warn(file, result);
}

static void write_callgraph(FILE *file, struct result *result)
{
	if (result->arc_count == 0)
		die(STATUS_FAILED, "%s: no callers in it (instrument with --payload callgraph)",
		    result->path);
	qsort(result->arcs, result->arc_count, sizeof(*result->arcs), compare_arcs);
	fprintf(file, "%12s %14s  %-32s %s\n", "calls", "cycles", "caller", "function");
	for (size_t index = 0; index < result->arc_count; index++) {
		const struct result_arc *arc = &result->arcs[index];

		if (arc->calls)
			fprintf(file, "%12" PRIu64 " %14" PRIu64 "  %-32s %s\n", arc->calls,
				arc->cycles, arc->caller, arc->callee);
	}
	warn(file, result);
}

static struct stack *read_stacks(struct result *result)
{
	size_t count;
	struct result_event *events = result_read_trace(result, &count);

	return stacks_of_trace(result, events, count);
}

static void fold(FILE *file, const struct stack *stack, const char *prefix)
{
	for (const struct stack *one = stack->callees; one; one = one->next) {
		char *path = memory_print("%s%s%s", prefix, *prefix ? ";" : "", one->name);

		if (stack_self(one))
			fprintf(file, "%s %" PRIu64 "\n", path, stack_self(one));
		fold(file, one, path);
		free(path);
	}
}

static void write_folded(FILE *file, struct result *result)
{
	fold(file, read_stacks(result), "");
}

static void write_svg(FILE *file, struct result *result)
{
	flame_write(file, read_stacks(result));
}

/* The Trace Event Format; its times are microseconds, here thousands of cycles. */
static void write_chrome(FILE *file, struct result *result)
{
	size_t count;
	struct result_event *events = result_read_trace(result, &count);

	fprintf(file, "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n");
	for (size_t index = 0; index < count; index++) {
		const char *name = result_name(result, events[index].record);
		uint64_t time = events[index].time - events[0].time;

		if (!name)
			die(STATUS_FAILED, "%s.trace: damaged, or of another run", result->path);
		fprintf(file,
			"{\"name\":\"%s\",\"ph\":\"%s\",\"ts\":%" PRId64
			".%03d,\"pid\":1,\"tid\":%u}%s\n",
			name, events[index].leave ? "E" : "B", (int64_t)time / 1000,
			abs((int)((int64_t)time % 1000)), events[index].thread,
			index + 1 < count ? "," : "");
	}
	fprintf(file, "]}\n");
}

static writer *const writers[] = { write_flat, write_callgraph, write_folded, write_svg,
				   write_chrome };

enum { OPTION_FORMAT = 256, OPTION_HELP = 512 };

static const struct option options[] = {
	{ "flat", no_argument, NULL, OPTION_FORMAT },
	{ "callgraph", no_argument, NULL, OPTION_FORMAT + 1 },
	{ "folded", no_argument, NULL, OPTION_FORMAT + 2 },
	{ "svg", no_argument, NULL, OPTION_FORMAT + 3 },
	{ "chrome", no_argument, NULL, OPTION_FORMAT + 4 },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ 0 },
};

static FILE *open_output(const char *path)
{
	FILE *file = path ? fopen(path, "we") : stdout;

	if (!file)
		die(STATUS_FAILED, "%s: %m", path);
	return file;
}

/* Closes what open_output() opened; standard output stays open. */
static void finish_output(FILE *file, const char *path)
{
	if (fflush(file) != 0 || ferror(file) || (path && fclose(file) != 0))
		die(STATUS_FAILED, "%s: %m", path ? path : "standard output");
}

/* Takes one option of the command line; false if it asks for help alone. */
static bool take_option(int code, writer **write, const char **output)
{
	if (code == '?')
		die(STATUS_USAGE, "lopi report --help lists what there is");
	if (code == 'o')
		*output = optarg;
	else if (code != OPTION_HELP)
		*write = writers[code - OPTION_FORMAT];
	return code != OPTION_HELP;
}

int report(int count, char **arguments)
{
	writer *write = write_flat;
	const char *output = NULL;
	struct result *result;
	FILE *file;
	int code;

	while ((code = getopt_long(count, arguments, "o:", options, NULL)) != -1) {
		if (!take_option(code, &write, &output)) {
			fputs(help, stdout);
			return STATUS_DONE;
		}
	}
	if (count - optind > 1)
		die(STATUS_USAGE, "one file of results at a time");
	result = result_read(optind < count ? arguments[optind] : "lopi.out");
	file = open_output(output);
	write(file, result);
	finish_output(file, output);
	return STATUS_DONE;
}
