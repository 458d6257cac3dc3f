/*
 * Running pipelines: each command is a process of its own, made by posix_spawn.
 */
#include "minish.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define STATUS_NOT_FOUND   127
#define STATUS_NOT_STARTED 126
#define STATUS_SIGNAL      128
#define CREATE_MODE        0666

extern char **environ;

static int start_failed(const char *name, int error)
{
	if (error == ENOENT && !strchr(name, '/')) {
		fprintf(stderr, "sh: %s: not found\n", name);
		return STATUS_NOT_FOUND;
	}
	fprintf(stderr, "sh: %s: %s\n", name, strerror(error));
	return error == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_STARTED;
}

/* What the new process does with its descriptors; redirections come after the pipes' ends. */
static void add_files(posix_spawn_file_actions_t *actions, const struct command *command, int input,
		      int output)
{
	if (input >= 0)
		posix_spawn_file_actions_adddup2(actions, input, 0);
	if (output >= 0)
		posix_spawn_file_actions_adddup2(actions, output, 1);
	if (command->input)
		posix_spawn_file_actions_addopen(actions, 0, command->input, O_RDONLY, 0);
	if (command->output)
		posix_spawn_file_actions_addopen(
			actions, 1, command->output,
			O_WRONLY | O_CREAT | (command->append ? O_APPEND : O_TRUNC), CREATE_MODE);
}

/* Starts one command; its pid, or minus the status to report. */
static pid_t command_start(const struct command *command, int input, int output)
{
	posix_spawn_file_actions_t actions;
	pid_t pid;
	int error;

	posix_spawn_file_actions_init(&actions);
	add_files(&actions, command, input, output);
	error = posix_spawnp(&pid, command->arguments[0], &actions, NULL, command->arguments,
			     environ);
	posix_spawn_file_actions_destroy(&actions);
	return error ? -start_failed(command->arguments[0], error) : pid;
}

static int status_of(int status, pid_t pid, const char *name)
{
	if (!WIFSIGNALED(status))
		return WEXITSTATUS(status);
	if (WTERMSIG(status) != SIGINT && WTERMSIG(status) != SIGPIPE)
		fprintf(stderr, "%s[%d]: ended by signal %d (%s)\n", name, (int)pid,
			WTERMSIG(status), strsignal(WTERMSIG(status)));
	return STATUS_SIGNAL + WTERMSIG(status);
}

static int wait_for(pid_t pid, const char *name)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return STATUS_NOT_STARTED;
	return status_of(status, pid, name);
}

static void close_if_open(int fd)
{
	if (fd >= 0)
		close(fd);
}

/* The pipes' descriptors close by themselves in the programs started: only their copies are meant.
 */
static int pipe_open(int ends[2])
{
	if (pipe(ends) != 0)
		return errno;
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	return 0;
}

/* Starts all commands, each one's output being the next one's input. How many pids there are. */
static unsigned pipeline_start(const struct pipeline *pipeline, pid_t pids[SH_COMMANDS_MAX])
{
	int input = -1;
	unsigned i;

	for (i = 0; i < pipeline->count; i++) {
		int ends[2] = { -1, -1 };
		if (i + 1 < pipeline->count && pipe_open(ends) != 0) {
			perror("sh: pipe");
			break;
		}
		pids[i] = command_start(&pipeline->commands[i], input, ends[1]);
		close_if_open(input);
		close_if_open(ends[1]);
		input = ends[0];
	}
	close_if_open(input);
	return i;
}

int pipeline_run(const struct pipeline *pipeline)
{
	pid_t pids[SH_COMMANDS_MAX];
	const unsigned started = pipeline_start(pipeline, pids);
	int status = started < pipeline->count ? STATUS_NOT_STARTED : 0;

	if (pipeline->background) {
		printf("[%d]\n", started ? (int)pids[started - 1] : 0);
		return status;
	}
	for (unsigned i = 0; i < started; i++) {
		const int result = pids[i] > 0
					   ? wait_for(pids[i], pipeline->commands[i].arguments[0])
					   : -pids[i];
		if (i + 1 == pipeline->count)
			status = result;
	}
	return status;
}
