/*
 * Commands run by the shell: system(), popen(), pclose().
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "result.h"

#define SHELL "/bin/sh"

struct command {
	FILE *stream;
	pid_t pid;
	struct command *next;
};

static struct command *commands;

static int spawn_shell(pid_t *pid, const char *command, const posix_spawn_file_actions_t *actions)
{
	char *argv[] = { "sh", "-c", (char *)command, NULL };

	return posix_spawn(pid, SHELL, actions, NULL, argv, environ);
}

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return status;
}

/* The command's wait status; with a null command, whether there is a shell. */
int system(const char *command)
{
	pid_t pid;
	int error;

	if (!command)
		return !access(SHELL, X_OK);
	error = spawn_shell(&pid, command, NULL);
	return error ? failure(error) : wait_for(pid);
}

/* Starts the command with `theirs` as its descriptor `number` and without `ours`. */
static int spawn_on_pipe(pid_t *pid, const char *command, int ours, int theirs, int number)
{
	posix_spawn_file_actions_t actions;
	int error = posix_spawn_file_actions_init(&actions);

	if (error)
		return error;
	error = posix_spawn_file_actions_adddup2(&actions, theirs, number);
	if (!error && theirs != number)
		error = posix_spawn_file_actions_addclose(&actions, theirs);
	if (!error && ours != number)
		error = posix_spawn_file_actions_addclose(&actions, ours);
	if (!error)
		error = spawn_shell(pid, command, &actions);
	posix_spawn_file_actions_destroy(&actions);
	return error;
}

FILE *popen(const char *line, const char *mode)
{
	int reading = *mode == 'r';
	int ends[2], ours, error;
	struct command *command = malloc(sizeof(*command));

	if (!command)
		return NULL;
	if (pipe2(ends, O_CLOEXEC)) {
		free(command);
		return NULL;
	}
	ours = ends[!reading];
	error = spawn_on_pipe(&command->pid, line, ours, ends[reading], reading);
	close(ends[reading]);
	command->stream = error ? NULL : fdopen(ours, reading ? "r" : "w");
	if (!command->stream) {
		close(ours);
		free(command);
		errno = error ? error : errno;
		return NULL;
	}
	command->next = commands;
	commands = command;
	return command->stream;
}

/* Closes a stream of popen() and returns the command's wait status. */
int pclose(FILE *stream)
{
	struct command **link = &commands, *command;
	pid_t pid;

	while (*link && (*link)->stream != stream)
		link = &(*link)->next;
	command = *link;
	if (!command)
		return failure(ECHILD);
	*link = command->next;
	pid = command->pid;
	free(command);
	fclose(stream);
	return wait_for(pid);
}
