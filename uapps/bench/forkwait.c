/*
 * forkwait: fork(), exit of the child, wait().
 */
#include "common/bench.h"

#include <sys/wait.h>
#include <unistd.h>

#define PROCESSES 20

static void fork_exit_wait(uint32_t count)
{
	for (; count > 0; count--) {
		const pid_t pid = fork();
		int status;

		if (pid == 0)
			_exit(7);
		bench_check(pid > 0, "fork");
		bench_check(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 7, "waitpid");
	}
}

int main(int argc, char **argv)
{
	bench_start(argc, argv, "forkwait", "fork(), _exit() in the child, waitpid().");
	bench_measure("total", PROCESSES, fork_exit_wait);
	bench_measure_kernel("kernel", PROCESSES, fork_exit_wait);
	return 0;
}
