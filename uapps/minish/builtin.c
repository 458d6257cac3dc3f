/*
 * Commands that the shell carries out itself, since they change the shell.
 */
#include "minish.h"

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

static const struct {
	const char *name;
	int (*run)(const struct command *command);
} builtins[] = {
	{ "cd", builtin_cd },
	{ "wait", builtin_wait },
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
