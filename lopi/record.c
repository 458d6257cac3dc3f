/*
 * lopi record COMMAND: while the command runs, compilers in the PATH are the tool's driver, and
 * each instrumented program writes results of its own, whose sum is written in the end.
 */
#include "record.h"
#include "command.h"
#include "driver.h"
#include "memory.h"
#include "result.h"

#include <dirent.h>
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char help[] =
	"usage: lopi record [-o FILE] [-f FLAGS] [--] COMMAND [ARGUMENT]...\n"
	"\n"
	"Runs the command. What it compiles, by gcc, cc, clang and their like from the PATH, is\n"
	"instrumented; what instrumented programs collect while it runs is added up and written\n"
	"to FILE, lopi.out, for lopi report.\n"
	"\n"
	"       lopi record make check; lopi report\n"
	"\n"
	"  -f FLAGS   how to instrument: options as for lopi itself, in one word; LOPI_FLAGS has "
	"the\n"
	"             same meaning (\"--all --quiet --payload cycles\")\n";

struct recording {
	const char *output;
	char results[32]; /* a directory */
};

/* The tool's own directory, where build systems that remember a compiler will find it again. */
static const char *compilers_directory(const char *own)
{
	return memory_print("%s/compilers", dirname(memory_print("%s", own)));
}

/* The compilers' names lead to this program, which looks by what name it was called. */
static void make_compilers(void)
{
	const char *own = realpath("/proc/self/exe", NULL), *directory;

	if (!own)
		die(STATUS_FAILED, "/proc/self/exe: %m");
	directory = compilers_directory(own);
	if (mkdir(directory, 0777) != 0 && errno != EEXIST)
		die(STATUS_FAILED, "%s: %m", directory);
	for (int index = 0; driver_names[index]; index++) {
		const char *path = memory_print("%s/%s", directory, driver_names[index]);

		if (symlink(own, path) != 0 && errno != EEXIST)
			die(STATUS_FAILED, "%s: %m", path);
	}
	setenv("PATH", memory_print("%s:%s", directory, getenv("PATH") ? getenv("PATH") : ""), 1);
}

static bool is_result(const char *name)
{
	const char *ending = strrchr(name, '.');

	return name[0] != '.' && !(ending && strcmp(ending, ".trace") == 0);
}

/* A program that was killed outright has left an empty file. */
static struct command find_results(const struct recording *recording)
{
	DIR *directory = opendir(recording->results);
	const struct dirent *entry;
	struct command found = { 0 };

	while (directory && (entry = readdir(directory))) {
		const char *path = memory_print("%s/%s", recording->results, entry->d_name);
		FILE *file = is_result(entry->d_name) ? fopen(path, "re") : NULL;

		if (file && fgetc(file) != EOF)
			command_add(&found, path);
		if (file)
			fclose(file);
	}
	if (directory)
		closedir(directory);
	return found;
}

static void gather(const struct recording *recording)
{
	struct command found = find_results(recording);

	if (found.count == 0) {
		fprintf(stderr, "lopi: no instrumented program has run, so there are no results\n");
		return;
	}
	result_write(result_read(found.words, found.count), recording->output);
	fprintf(stderr, "lopi: results of %zu process%s in %s\n", found.count,
		found.count == 1 ? "" : "es", recording->output);
}

static void read_options(struct recording *recording, int count, char **arguments)
{
	int code;

	recording->output = "lopi.out";
	while ((code = getopt(count, arguments, "+o:f:h-")) != -1) {
		if (code == 'o')
			recording->output = optarg;
		else if (code == 'f')
			setenv("LOPI_FLAGS", optarg, 1);
		else
			break;
	}
	if (code != -1 || optind == count) {
		fputs(help, stdout);
		exit(code == 'h' || code == '-' ? STATUS_DONE : STATUS_USAGE);
	}
}

int record_command(int count, char **arguments)
{
	struct recording recording;
	struct command rest = { 0 };
	int status;

	read_options(&recording, count, arguments);
	strcpy(recording.results, "/tmp/lopi-run-XXXXXX");
	if (!mkdtemp(recording.results))
		die(STATUS_FAILED, "%s: %m", recording.results);
	make_compilers();
	setenv("LOPI_OUT", memory_print("%s/%%p", recording.results), 1);
	for (int index = optind + 1; index < count; index++)
		command_add(&rest, arguments[index]);
	status = command_run(arguments[optind], &rest);
	gather(&recording);
	command_remove_directory(recording.results);
	return status;
}
