/*
 * member: member ID NODES DATABASE PROGRAM ARGUMENTS: makes this machine, or partition, a node of a
 * cluster whose nodes have that database in common: starts relay and replicate, and runs the
 * program, which makes the database; ends with its status.
 */
#include <err.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t start(char *const *arguments)
{
	pid_t child;

	if (posix_spawnp(&child, arguments[0], NULL, NULL, arguments, environ) != 0)
		errx(1, "%s cannot be started", arguments[0]);
	return child;
}

int main(int argc, char **argv)
{
	int status;

	if (argc < 5)
		errx(2, "usage: member ID NODES DATABASE PROGRAM [ARGUMENTS]");
	start((char *[]){ "relay", argv[1], argv[2], NULL });
	start((char *[]){ "replicate", argv[3], argv[1], argv[2], NULL });
	if (waitpid(start(argv + 4), &status, 0) < 0)
		err(1, "%s", argv[4]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
