/*
 * spawn: creating, running and reaping a process that does nothing but its C library's start-up: in
 * all, and the kernel's share of it.
 */
#include "common/bench.h"

#include <errno.h>
#include <spawn.h>
#include <stddef.h>
#include <sys/wait.h>

#define PROCESSES 20

static void spawn(uint32_t count)
{
	char *const arguments[] = { "nothing", NULL };
	pid_t pid;
	int status;

	for (; count > 0; count--) {
		errno = posix_spawn(&pid, "/bin/nothing", NULL, NULL, arguments, NULL);
		bench_check(errno == 0, "posix_spawn");
		bench_check(waitpid(pid, &status, 0) == pid && status == 0, "waitpid");
	}
}

int main(int argc, char **argv)
{
	bench_start(argc, argv, "spawn",
		    "posix_spawn() and waitpid() of a C program that does nothing.");
	bench_measure("total", PROCESSES, spawn);
	bench_measure_kernel("kernel", PROCESSES, spawn);
	return 0;
}
