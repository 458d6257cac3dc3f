/*
 * The commands, and running them. gzip and tcc are the unmodified programs, for 164.gzip and
 * 176.gcc of SPEC CPU2000; their inputs and what tcc must make of its one are built with the image
 * (uapps/bench/make-inputs).
 */
#include "bench.h"
#include "commands.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define INPUTS   "/share/bench"
#define LOG      "log.txt"
#define SOURCE   "source.c"
#define OBJECT   "source.o"
#define UNPACKED "/tmp/bench-unpacked"

#define POSTMARK       "postmark.txt" /* its commands */
#define POSTMARK_FILES "1491"         /* that these create, and delete */

static bool files_are_equal(const char *one, const char *other)
{
	static char blocks[2][4096];
	const int a = open(one, O_RDONLY), b = open(other, O_RDONLY);
	bool equal = a >= 0 && b >= 0;
	ssize_t size = 1;

	while (equal && size > 0) {
		size = read(a, blocks[0], sizeof blocks[0]);
		equal = size >= 0 && read(b, blocks[1], sizeof blocks[1]) == size &&
			memcmp(blocks[0], blocks[1], size) == 0;
	}
	if (a >= 0)
		close(a);
	if (b >= 0)
		close(b);
	return equal;
}

static pid_t start(char *const arguments[], const char *output)
{
	posix_spawn_file_actions_t actions;
	pid_t pid;

	bench_check(posix_spawn_file_actions_init(&actions) == 0, "memory");
	bench_check(posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output,
						     O_WRONLY | O_CREAT | O_TRUNC, 0644) == 0,
		    "memory");
	errno = posix_spawnp(&pid, arguments[0], &actions, NULL, arguments, environ);
	bench_check(errno == 0, arguments[0]);
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

/* gzip's own other half restores the input. */
static bool check_gzip(const char *output)
{
	char *const arguments[] = { "gzip", "-dc", (char *)output, NULL };
	int status;
	bool good;

	if (waitpid(start(arguments, UNPACKED), &status, 0) < 0 || status != 0)
		return false;
	good = files_are_equal(UNPACKED, LOG);
	unlink(UNPACKED);
	return good;
}

/* The object is that of the same tcc on the machine that built the image. */
static bool check_tcc(const char *output)
{
	return files_are_equal(output, OBJECT);
}

/* A line for each file, of the tree alone, and all of them different: each path's sum counts. */
static bool check_find(const char *output)
{
	FILE *file = fopen(output, "r");
	unsigned lines = 0, directories = 0;
	char line[128];

	if (!file)
		return false;
	while (fgets(line, sizeof line, file)) {
		if (strncmp(line, TREE_PATH, strlen(TREE_PATH)) != 0)
			break;
		lines++;
		directories += strstr(line + strlen(TREE_PATH), "/f") == NULL;
	}
	fclose(file);
	return lines == TREE_FILES && directories == 1 + TREE_DIRECTORIES;
}

/* What PostMark counted: the same numbers wherever it runs, since they come of its own random ones.
 */
static bool check_postmark(const char *output)
{
	FILE *file = fopen(output, "r");
	bool created = false, deleted = false;
	char line[128];

	if (!file)
		return false;
	while (fgets(line, sizeof line, file)) {
		created |= strstr(line, POSTMARK_FILES " created") != NULL;
		deleted |= strstr(line, POSTMARK_FILES " deleted") != NULL;
	}
	fclose(file);
	return created && deleted;
}

static bool check_lua(const char *output)
{
	return files_are_equal(output, "primes.txt");
}

const struct bench_command bench_commands[] = {
	/* -size has find ask for each file's status. */
	{ "find",
	  { "find", TREE_PATH, "-size", "-1000" },
	  NULL,
	  tree_make,
	  tree_remove,
	  check_find,
	  false },
	{ "gzip", { "gzip", "-c", LOG }, LOG, NULL, NULL, check_gzip, false },
	{ "tcc",
	  { "tcc", "-c", SOURCE, "-o", BENCH_OUTPUT },
	  SOURCE,
	  NULL,
	  NULL,
	  check_tcc,
	  false },
	{ "lua", { "lua", "primes.lua" }, "primes.lua", NULL, NULL, check_lua, false },
	{ "postmark", { "postmark-1.53", POSTMARK }, POSTMARK, NULL, NULL, check_postmark, true },
	/* Of SPLASH-2, with one thread; they check their results themselves. */
	{ "radix",
	  { "radix", "-p", "1", "-n", "1", "-k", "196608" },
	  NULL,
	  NULL,
	  NULL,
	  NULL,
	  false },
	{ "fft", { "fft", "-p", "1", "-n", "1" }, NULL, NULL, NULL, NULL, false },
	{ "lu", { "lu", "-p", "1", "-n", "1", "-N", "192" }, NULL, NULL, NULL, NULL, false },
	{ .name = NULL },
};

const struct bench_command *bench_command_named(const char *name)
{
	const struct bench_command *command = bench_commands;

	while (command->name && strcmp(command->name, name) != 0)
		command++;
	return command->name ? command : NULL;
}

void bench_commands_start(void)
{
	bench_check(chdir(INPUTS) == 0, INPUTS);
}

bool bench_command_is_there(const struct bench_command *command)
{
	char program[BENCH_OUTPUT_SIZE];

	snprintf(program, sizeof program, "/bin/%s", command->arguments[0]);
	return access(program, X_OK) == 0 && (!command->needs || access(command->needs, R_OK) == 0);
}

static void output_path(char *path, uint32_t instance)
{
	snprintf(path, BENCH_OUTPUT_SIZE, "/tmp/bench-output.%lu", (unsigned long)instance);
}

pid_t bench_command_start(const struct bench_command *command, uint32_t instance)
{
	char *arguments[BENCH_ARGUMENTS_MAX + 1] = { NULL };
	char output[BENCH_OUTPUT_SIZE];

	output_path(output, instance);
	for (unsigned i = 0; i < BENCH_ARGUMENTS_MAX && command->arguments[i]; i++)
		arguments[i] = strcmp(command->arguments[i], BENCH_OUTPUT) == 0
				       ? output
				       : (char *)command->arguments[i];
	return start(arguments, output);
}

void bench_command_check(const struct bench_command *command, uint32_t instance, int status)
{
	char output[BENCH_OUTPUT_SIZE];

	errno = 0;
	output_path(output, instance);
	bench_check(WIFEXITED(status) && WEXITSTATUS(status) == 0, command->name);
	bench_check(!command->check || command->check(output), command->name);
	unlink(output);
}
