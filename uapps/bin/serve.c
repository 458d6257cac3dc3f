/*
 * serve: runs what programs of other partitions ask for with `on`, one after the other; what a
 * partition does that is told nothing else.
 */
#include <castle/partition.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "common/tool.h"

#define SHELL       "/bin/minish"
#define SIGNAL_BASE 128 /* status of a program that a signal ended, as in a shell */
#define NOT_STARTED 126

static int run(char *text)
{
	char *arguments[] = { "sh", "-k", "-c", text, NULL };
	int status;
	pid_t pid;

	if (posix_spawn(&pid, SHELL, NULL, NULL, arguments, environ) != 0)
		return NOT_STARTED;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return NOT_STARTED;
	return WIFSIGNALED(status) ? SIGNAL_BASE + WTERMSIG(status) : WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	static struct castle_partition_command command;
	const int fd = open(CASTLE_PARTITION_DEVICE, O_RDWR);

	tool_no_arguments("serve", argc, argv);
	if (fd < 0)
		return tool_error("serve", CASTLE_PARTITION_DEVICE);
	for (;;) {
		if (ioctl(fd, CASTLE_PARTITION_SERVE, &command) != 0) {
			if (errno != EINTR)
				return tool_error("serve", CASTLE_PARTITION_DEVICE);
			continue;
		}
		command.status = run(command.text);
		ioctl(fd, CASTLE_PARTITION_SERVED, &command);
	}
}
