/*
 * lopi report: the command, its options, and its formats.
 */
#include "report.h"
#include "memory.h"
#include "report_formats.h"
#include "stacks.h"

#include <getopt.h>
#include <stdio.h>

static const struct {
	const char *name;
	report_format *write;
	const char *purpose;
} formats[] = {
	{ "flat", report_flat,
	  "functions with calls, cycles and times, the costliest first (default)" },
	{ "callgraph", report_callgraph,
	  "who called whom, how often and for how long (--payload callgraph, trace)" },
	{ "folded", report_folded, "a line for each stack of calls, with its own cycles (trace)" },
	{ "svg", report_svg, "the same as a flame graph; a click widens a function (trace)" },
	{ "chrome", report_chrome, "all calls in time, as JSON for trace viewers (trace)" },
	{ "callgrind", report_callgrind, "a profile for KCachegrind and callgrind_annotate" },
	{ "pprof", report_pprof, "a profile for pprof" },
};

enum { FORMATS = sizeof(formats) / sizeof(formats[0]), OPTION_FORMAT = 256, OPTION_HELP = 512 };

static void print_help(void)
{
	printf("usage: lopi report [OPTION]... [FILE]...\n\n"
	       "Shows what a run of an instrumented program wrote to FILE (lopi.out; LOPI_OUT "
	       "names "
	       "another),\nor the sum of several runs.\n\n");
	for (int index = 0; index < FORMATS; index++)
		printf("  --%-10s %s\n", formats[index].name, formats[index].purpose);
	printf("  -o FILE      write there instead of to the terminal\n");
}

static const struct option *long_options(void)
{
	static struct option options[FORMATS + 2];

	for (int index = 0; index < FORMATS; index++)
		options[index] = (struct option){ formats[index].name, no_argument, NULL,
						  OPTION_FORMAT + index };
	options[FORMATS] = (struct option){ "help", no_argument, NULL, OPTION_HELP };
	return options;
}

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
static bool take_option(int code, report_format **write, const char **output)
{
	if (code == '?')
		die(STATUS_USAGE, "lopi report --help lists what there is");
	if (code == 'o')
		*output = optarg;
	else if (code != OPTION_HELP)
		*write = formats[code - OPTION_FORMAT].write;
	return code != OPTION_HELP;
}

/* What the runtime adds up itself with other payloads. */
static void add_up_trace(struct result *result)
{
	size_t count;
	struct result_event *events;

	if (!result_is_traced(result))
		return;
	events = result_read_trace(result, &count);
	stacks_add_up(result, stacks_of_trace(result, events, count));
}

int report(int count, char **arguments)
{
	static char *default_file[] = { "lopi.out" };
	report_format *write = report_flat;
	const char *output = NULL;
	struct result *result;
	FILE *file;
	int code;

	while ((code = getopt_long(count, arguments, "o:", long_options(), NULL)) != -1) {
		if (!take_option(code, &write, &output)) {
			print_help();
			return STATUS_DONE;
		}
	}
	if (optind < count)
		result = result_read(arguments + optind, count - optind);
	else
		result = result_read(default_file, 1);
	if (write == report_flat || write == report_callgraph || write == report_callgrind)
		add_up_trace(result);
	file = open_output(output);
	write(file, result);
	finish_output(file, output);
	return STATUS_DONE;
}
