/*
 * Children that may hang.
 */
#include "guard.h"

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define STEP_US   2000
#define SIGNALLED 1000

static int64_t milliseconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int guard_wait(pid_t pid)
{
	const int64_t end = milliseconds_now() + GUARD_MS;
	int status = GUARD_HANGS;

	while (milliseconds_now() < end) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return status;
		usleep(STEP_US);
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return GUARD_HANGS;
}

int guard_child(void (*child)(void))
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		child();
		_exit(0);
	}
	return pid > 0 ? guard_wait(pid) : -1;
}

int guard_exit(void (*child)(void))
{
	const int status = guard_child(child);

	if (status < 0)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : SIGNALLED + WTERMSIG(status);
}
