/* Children that have the parent's memory, a copy of it, or another program. */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static __attribute__((noinline)) int leaf(int value)
{
	return value * 2 + 1;
}

static __attribute__((noinline)) int status_of(pid_t child)
{
	int status;

	waitpid(child, &status, 0);
	return WEXITSTATUS(status);
}

static __attribute__((noinline)) int by_vfork(void)
{
	pid_t child = vfork();

	if (child == 0)
		_exit(leaf(3));
	return status_of(child);
}

static __attribute__((noinline)) int by_fork(void)
{
	pid_t child = fork();

	if (child == 0)
		exit(leaf(4));
	return status_of(child);
}

static int cloned(void *argument)
{
	return leaf(*(int *)argument);
}

static __attribute__((noinline)) int by_clone(void)
{
	static char stack[65536];
	int value = 5;

	return status_of(clone(cloned, stack + sizeof(stack), CLONE_VM | SIGCHLD, &value));
}

static __attribute__((noinline)) int by_spawn(void)
{
	char *arguments[] = { "false", NULL };
	pid_t child;

	return posix_spawnp(&child, "false", NULL, NULL, arguments, environ) ? -1
									     : status_of(child);
}

int main(void)
{
	for (int round = 0; round < 3; round++)
		printf("%d %d %d %d\n", by_vfork(), by_clone(), by_spawn(), leaf(1));
	fflush(stdout);
	printf("%d\n", by_fork());
	return 0;
}
