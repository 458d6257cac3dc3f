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
	"  --share PERCENT             instead of 80\n"
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

static void read_strategy(struct options *options, const char *name)
{
	static const char *const names[] = { "static", "paired", "thesis" };

	for (int index = 0; index < 3; index++) {
		if (strcmp(name, names[index]) == 0) {
			options->strategy = index;
			return;
		}
	}
	die(STATUS_USAGE, "no strategy %s: static, paired, thesis", name);
}

static void read_payload(struct options *options, const char *name)
{
	options->payload = payload_find(name);
	if (!options->payload)
		die(STATUS_USAGE, "no payload %s; lopi --help lists them", name);
}

static double share = 80;

static void read_share(struct options *options, const char *text)
{
	char *end;

	(void)options;
	share = strtod(text, &end);
	if (*end || end == text || !(share > 0 && share <= 100))
		die(STATUS_USAGE, "--share %s: a percentage is wanted", text);
}

static void read_exclude(struct options *options, const char *argument)
{
	selection_exclude(&options->selection, argument);
}

static void read_functions(struct options *options, const char *argument)
{
	selection_add(&options->selection, argument);
}

/* Profiles are read when all options are known. */
static struct profile {
	const char *path;
	void (*add)(struct selection *selection, const char *path, double share);
} * profiles;
static size_t profile_count;

static void add_profile(struct profile profile)
{
	profiles = memory_grow(profiles, profile_count, sizeof(profile));
	profiles[profile_count++] = profile;
}

static void read_callgrind(struct options *options, const char *argument)
{
	(void)options;
	add_profile((struct profile){ argument, selection_add_callgrind });
}

static void read_gprof(struct options *options, const char *argument)
{
	(void)options;
	add_profile((struct profile){ argument, selection_add_gprof });
}

static void read_list(struct options *options, const char *argument)
{
	(void)argument;
	options->list = options->selection.all = options->dry_run = true;
}

static void read_help(struct options *options, const char *argument)
{
	(void)options;
	(void)argument;
	print_help();
}

static void read_version(struct options *options, const char *argument)
{
	(void)options;
	(void)argument;
	puts("lopi 1 (Castle)");
	exit(STATUS_DONE);
}

/* What an option does: it sets or clears a flag, keeps its argument, or has a function; that of one
 * that `WANTS` one has an argument. */
static const struct known {
	const char *name;
	enum { SETS, CLEARS, KEEPS, READS, WANTS } does;
	size_t place; /* in struct options */
	void (*read)(struct options *options, const char *argument);
} known[] = {
	{ "all", SETS, offsetof(struct options, selection.all), NULL },
	{ "castle", SETS, offsetof(struct options, castle), NULL },
	{ "dry-run", SETS, offsetof(struct options, dry_run), NULL },
	{ "exclude", WANTS, 0, read_exclude },
	{ "fn", WANTS, 0, read_functions },
	{ "from-callgrind", WANTS, 0, read_callgrind },
	{ "from-gprof", WANTS, 0, read_gprof },
	{ "functions", WANTS, 0, read_functions },
	{ "help", READS, 0, read_help },
	{ "hooks", KEEPS, offsetof(struct options, hooks), NULL },
	{ "in-place", SETS, offsetof(struct options, in_place), NULL },
	{ "keep-going", SETS, offsetof(struct options, keep_going), NULL },
	{ "kernel", SETS, offsetof(struct options, kernel), NULL },
	{ "list", READS, 0, read_list },
	{ "no-fall-back", CLEARS, offsetof(struct options, fall_back), NULL },
	{ "no-library", SETS, offsetof(struct options, no_library), NULL },
	{ "payload", WANTS, 0, read_payload },
	{ "quiet", SETS, offsetof(struct options, quiet), NULL },
	{ "runtime", KEEPS, offsetof(struct options, runtime), NULL },
	{ "share", WANTS, 0, read_share },
	{ "shared", SETS, offsetof(struct options, shared), NULL },
	{ "strategy", WANTS, 0, read_strategy },
	{ "switched", SETS, offsetof(struct options, switched), NULL },
	{ "version", READS, 0, read_version },
};

enum { KNOWN = sizeof(known) / sizeof(known[0]), FIRST_CODE = 256 };

/* For getopt, which returns codes. */
static const struct option *long_options(void)
{
	static struct option table[KNOWN + 1];

	for (int index = 0; index < KNOWN; index++)
		table[index] = (struct option){ .name = known[index].name,
						.has_arg = known[index].does == KEEPS ||
							   known[index].does == WANTS,
						.val = FIRST_CODE + index };
	return table;
}

static void read_long(struct options *options, const struct known *option, const char *argument)
{
	void *place = (char *)options + option->place;

	if (option->read)
		option->read(options, argument);
	else if (option->does == KEEPS)
		*(const char **)place = argument;
	else
		*(bool *)place = option->does == SETS;
}

static void read_option(struct options *options, int code, const char *argument)
{
	if (code >= FIRST_CODE)
		read_long(options, &known[code - FIRST_CODE], argument);
	else if (code == 'o')
		options->output = argument;
	else if (code == 'd')
		options->directory = argument;
	else
		die(STATUS_USAGE, "lopi --help lists what there is");
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
	if (!selection->all && selection->wanted_count == 0 && profile_count == 0)
		die(STATUS_USAGE, "which functions? -fn NAME,..., --all or a profile");
	if (options->hooks && options->payload)
		die(STATUS_USAGE, "--hooks are instead of a --payload");
	if (options->shared && (options->kernel || options->castle || options->hooks ||
				options->strategy != STRATEGY_STATIC || !options->payload ||
				!options->payload->shared))
		die(STATUS_USAGE, "--shared is for static exits, not --strategy paired or thesis, "
				  "and for the payloads calls, cycles, callgraph and trace");
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
	profile_count = 0;
	optind = 0;
	options->fall_back = true;
	while ((code = getopt_long_only(count, arguments, "o:d:", long_options(), NULL)) != -1)
		read_option(options, code, optarg);
	options->sources = arguments + optind;
	options->source_count = count - optind;
	check(options);
	if (!options->payload)
		options->payload = options->hooks ? payload_find("cycles") : &payloads[0];
	for (size_t index = 0; index < profile_count; index++)
		profiles[index].add(&options->selection, profiles[index].path, share);
}
