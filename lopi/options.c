/*
 * Reading the command line, and telling people about it.
 */
#include "options.h"
#include "memory.h"

#include <getopt.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum option_code {
	OPTION_ALL = 256,
	OPTION_CALLGRIND,
	OPTION_CASTLE,
	OPTION_DRY_RUN,
	OPTION_EXCLUDE,
	OPTION_FUNCTIONS,
	OPTION_GPROF,
	OPTION_HELP,
	OPTION_HOOKS,
	OPTION_IN_PLACE,
	OPTION_KEEP_GOING,
	OPTION_KERNEL,
	OPTION_LIST,
	OPTION_NO_FALL_BACK,
	OPTION_NO_LIBRARY,
	OPTION_PAYLOAD,
	OPTION_QUIET,
	OPTION_RUNTIME,
	OPTION_SHARE,
	OPTION_SHARED,
	OPTION_STRATEGY,
	OPTION_SWITCHED,
	OPTION_VERSION,
};

static const struct option long_options[] = {
	{ "all", no_argument, NULL, OPTION_ALL },
	{ "castle", no_argument, NULL, OPTION_CASTLE },
	{ "from-callgrind", required_argument, NULL, OPTION_CALLGRIND },
	{ "dry-run", no_argument, NULL, OPTION_DRY_RUN },
	{ "exclude", required_argument, NULL, OPTION_EXCLUDE },
	{ "fn", required_argument, NULL, OPTION_FUNCTIONS },
	{ "functions", required_argument, NULL, OPTION_FUNCTIONS },
	{ "from-gprof", required_argument, NULL, OPTION_GPROF },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ "hooks", required_argument, NULL, OPTION_HOOKS },
	{ "in-place", no_argument, NULL, OPTION_IN_PLACE },
	{ "keep-going", no_argument, NULL, OPTION_KEEP_GOING },
	{ "kernel", no_argument, NULL, OPTION_KERNEL },
	{ "list", no_argument, NULL, OPTION_LIST },
	{ "no-fall-back", no_argument, NULL, OPTION_NO_FALL_BACK },
	{ "no-library", no_argument, NULL, OPTION_NO_LIBRARY },
	{ "payload", required_argument, NULL, OPTION_PAYLOAD },
	{ "quiet", no_argument, NULL, OPTION_QUIET },
	{ "runtime", required_argument, NULL, OPTION_RUNTIME },
	{ "share", required_argument, NULL, OPTION_SHARE },
	{ "shared", no_argument, NULL, OPTION_SHARED },
	{ "strategy", required_argument, NULL, OPTION_STRATEGY },
	{ "switched", no_argument, NULL, OPTION_SWITCHED },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ 0 },
};

static const char help[] =
	"usage: lopi -fn FUNCTION,... [OPTION]... SOURCE.o...\n"
	"       lopi report [OPTION]... [FILE]...  what runs collected (lopi report --help)\n"
	"       lopi cc | c++ ARGUMENT...          a compiler that instruments (CC=\"lopi cc\")\n"
	"       lopi record COMMAND...             a build, or a run, or both (lopi record "
	"--help)\n"
	"\n"
	"Writes copies of x86 object files, 32 or 64 bits, SOURCE.lopi.o, in which the functions "
	"are\n"
	"instrumented, and liblopi.a, to be linked with them:\n"
	"\n"
	"       gcc -c main.c work.c\n"
	"       lopi -fn compute,'read_*' --payload cycles main.o work.o\n"
	"       gcc main.lopi.o work.lopi.o liblopi.a -o program\n"
	"       ./program; lopi report\n"
	"\n"
	"which functions:\n"
	"  -fn LIST, --functions LIST  names and patterns (*, ?, [...]), separated by commas\n"
	"  --all                       all that can be instrumented\n"
	"  --exclude LIST              but not these\n"
	"  --from-callgrind FILE       those that make up 80 % of the costs in a callgrind.out "
	"file\n"
	"  --from-gprof FILE           the same of the time in a flat profile of gprof\n"
	"  --share PERCENT             instead of 80; stands before the profile\n"
	"  --keep-going                leave out what is named and cannot be instrumented\n"
	"how:\n"
	"  --strategy static           patch every way out of the function (default)\n"
	"  --strategy paired           a stub calls the function\n"
	"  --strategy thesis           return frames\n"
	"  --no-fall-back              no paired stub where the strategy cannot be had\n"
	"  --switched                  functions stay as they are until LOPI_ON or LOPI_SIGNAL "
	"says\n"
	"  --hooks FILE.c              do_enter_func() and do_leave_func() of your own\n"
	"  --payload NAME              what is done on entry and exit:\n";

static const char more_help[] =
	"output:\n"
	"  -o FILE                     the copy, of one source\n"
	"  -d DIRECTORY                copies, by their old names, and liblopi.a\n"
	"  --in-place                  replace the sources\n"
	"  --no-library                no liblopi.a\n"
	"  --list                      say of each function what can be done; write nothing\n"
	"  --dry-run                   say what would be done; write nothing\n"
	"  --quiet                     say nothing about functions\n"
	"  --castle                    liblopi.a of a program for Castle, made by castle-cc\n"
	"  --shared                    for shared objects and their programs, which share a "
	"liblopi.so\n"
	"  --runtime DIRECTORY         where lopi's libraries are\n"
	"\n"
	"Exit status: 0 all is well; 1 a function that was named is missing or cannot be\n"
	"instrumented, and nothing was written; 2 the command line makes no sense; 3 a file cannot "
	"be\n"
	"read, is damaged, or cannot be written.\n";

static void print_help(void)
{
	fputs(help, stdout);
	for (size_t index = 0; index < payload_count; index++)
		printf("      %-10s%s%s\n", payloads[index].name, payloads[index].purpose,
		       index == 0 ? "; default" : "");
	fputs(more_help, stdout);
	exit(STATUS_DONE);
}

static enum strategy read_strategy(const char *name)
{
	static const char *const names[] = { "static", "paired", "thesis" };

	for (int index = 0; index < 3; index++) {
		if (strcmp(name, names[index]) == 0)
			return index;
	}
	die(STATUS_USAGE, "no strategy %s: static, paired, thesis", name);
}

static const struct payload *read_payload(const char *name)
{
	const struct payload *payload = payload_find(name);

	if (!payload)
		die(STATUS_USAGE, "no payload %s; lopi --help lists them", name);
	return payload;
}

static double read_share(const char *text)
{
	char *end;
	double share = strtod(text, &end);

	if (*end || end == text || !(share > 0 && share <= 100))
		die(STATUS_USAGE, "--share %s: a percentage is wanted", text);
	return share;
}

static void read_selection(struct options *options, int code, const char *argument)
{
	static double share = 80;

	switch (code) {
	case OPTION_ALL:
		options->selection.all = true;
		break;
	case OPTION_EXCLUDE:
		selection_exclude(&options->selection, argument);
		break;
	case OPTION_FUNCTIONS:
		selection_add(&options->selection, argument);
		break;
	case OPTION_CALLGRIND:
		selection_add_callgrind(&options->selection, argument, share);
		break;
	case OPTION_GPROF:
		selection_add_gprof(&options->selection, argument, share);
		break;
	case OPTION_SHARE:
		share = read_share(argument);
		break;
	}
}

static void read_manner(struct options *options, int code, const char *argument)
{
	switch (code) {
	case OPTION_STRATEGY:
		options->strategy = read_strategy(argument);
		break;
	case OPTION_NO_FALL_BACK:
		options->fall_back = false;
		break;
	case OPTION_PAYLOAD:
		options->payload = read_payload(argument);
		break;
	case OPTION_HOOKS:
		options->hooks = argument;
		break;
	case OPTION_KERNEL:
		options->kernel = true;
		break;
	case OPTION_SWITCHED:
		options->switched = true;
		break;
	case OPTION_SHARED:
		options->shared = true;
		break;
	case OPTION_CASTLE:
		options->castle = true;
		break;
	case OPTION_RUNTIME:
		options->runtime = argument;
		break;
	case OPTION_KEEP_GOING:
		options->keep_going = true;
		break;
	default:
		read_selection(options, code, argument);
	}
}

static void read_option(struct options *options, int code, const char *argument)
{
	switch (code) {
	case 'o':
		options->output = argument;
		break;
	case 'd':
		options->directory = argument;
		break;
	case OPTION_IN_PLACE:
		options->in_place = true;
		break;
	case OPTION_LIST:
		options->list = options->selection.all = options->dry_run = true;
		break;
	case OPTION_DRY_RUN:
		options->dry_run = true;
		break;
	case OPTION_NO_LIBRARY:
		options->no_library = true;
		break;
	case OPTION_QUIET:
		options->quiet = true;
		break;
	case OPTION_HELP:
		print_help();
		break;
	case OPTION_VERSION:
		puts("lopi 1 (Castle)");
		exit(STATUS_DONE);
	case '?':
		die(STATUS_USAGE, "lopi --help lists what there is");
	default:
		read_manner(options, code, argument);
	}
}

/* The libraries lie beside the tool. */
const char *options_runtime(const struct options *options)
{
	const char *name = options->castle   ? "castle"
			   : options->shared ? (options->wide ? "shared64" : "shared")
			   : options->wide   ? "runtime64"
					     : "runtime";
	char *path = memory_new(4096, 1);

	if (options->runtime)
		return options->runtime;
	if (readlink("/proc/self/exe", path, 4095) < 0)
		return name;
	return memory_print("%s/%s", dirname(path), name);
}

static void check(const struct options *options)
{
	const struct selection *selection = &options->selection;

	if (options->source_count == 0)
		die(STATUS_USAGE, "no object files; lopi --help says how to use it");
	if (!selection->all && selection->wanted_count == 0)
		die(STATUS_USAGE, "which functions? -fn NAME,..., --all or a profile");
	if (options->shared && (options->kernel || options->castle || options->hooks ||
				options->strategy != STRATEGY_STATIC || !options->payload->shared))
		die(STATUS_USAGE, "--shared is for static exits and the payloads calls, cycles, "
				  "callgraph and trace");
	if (options->switched &&
	    (options->castle || options->shared || options->strategy == STRATEGY_THESIS))
		die(STATUS_USAGE,
		    "--switched is for programs of Linux, static exits and paired stubs");
	if (options->output && options->source_count != 1)
		die(STATUS_USAGE, "-o is for one object file; -d takes more");
	if (!!options->output + !!options->directory + options->in_place > 1)
		die(STATUS_USAGE, "-o, -d and --in-place exclude each other");
}

void options_read(struct options *options, int count, char **arguments)
{
	int code;

	memset(options, 0, sizeof(*options));
	optind = 0;
	options->fall_back = true;
	options->payload = &payloads[0];
	while ((code = getopt_long_only(count, arguments, "o:d:", long_options, NULL)) != -1)
		read_option(options, code, optarg);
	options->sources = arguments + optind;
	options->source_count = count - optind;
	if (options->hooks)
		options->payload = payload_find("cycles");
	check(options);
}
