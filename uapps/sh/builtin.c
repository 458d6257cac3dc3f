/*
 * Commands that the shell carries out itself, since they change the shell.
 */
#include "sh.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int builtin_cd(const struct command *command)
{
	const char *path = command->count > 1 ? command->arguments[1] : getenv("HOME");

	if (!path)
		path = "/";
	if (chdir(path) == 0)
		return 0;
	fprintf(stderr, "cd: %s: %s\n", path, strerror(errno));
	return 1;
}

/* Waits for all programs in the background. */
static int builtin_wait(const struct command *command)
{
	(void)command;
	while (wait(NULL) > 0 || errno == EINTR)
		;
	return 0;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void print_programs(void)
{
	static char *names[256];
	unsigned count = 0, column = 0;
	DIR *bin = opendir("/bin");
	struct dirent *entry;

	if (!bin)
		return;
	while (count < sizeof names / sizeof *names && (entry = readdir(bin)))
		if (entry->d_name[0] != '.' && (names[count] = strdup(entry->d_name)))
			count++;
	closedir(bin);
	qsort(names, count, sizeof *names, compare_names);
	for (unsigned i = 0; i < count; i++) {
		column += printf("  %-16s", names[i]);
		if (column > 70 || i + 1 == count) {
			putchar('\n');
			column = 0;
		}
		free(names[i]);
	}
}

static int builtin_help(const struct command *command)
{
	(void)command;
	puts("COMMAND ARGUMENTS...      run a program    a | b       a's output is b's input\n"
	     "a; b   a && b   a || b    one after the other; if a succeeded; if it failed\n"
	     "< FILE   > FILE   >> FILE redirect          a &         run in the background\n"
	     "'...' \"...\" \\c            quote            $NAME $?    environment, last status\n"
	     "ctrl-C ends the running program, ctrl-D the shell.\n"
	     "builtins: cd exit help wait; programs in /bin:");
	print_programs();
	return 0;
}

static const struct {
	const char *name;
	int (*run)(const struct command *command);
} builtins[] = {
	{ "cd", builtin_cd },
	{ "wait", builtin_wait },
	{ "help", builtin_help },
};

bool builtin_run(const struct command *command, int *status, bool *keep_going)
{
	if (strcmp(command->arguments[0], "exit") == 0) {
		*keep_going = false;
		if (command->count > 1)
			*status = atoi(command->arguments[1]);
		return true;
	}
	for (unsigned i = 0; i < sizeof builtins / sizeof *builtins; i++) {
		if (strcmp(command->arguments[0], builtins[i].name) == 0) {
			*status = builtins[i].run(command);
			return true;
		}
	}
	return false;
}
