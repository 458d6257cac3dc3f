/*
 * yield: giving the processor up when nobody else wants it, and when another process does.
 */
#include "common/bench.h"

#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define CALLS 1000

static void yield(uint32_t count)
{
	for (; count > 0; count--)
		sched_yield();
}

int main(int argc, char **argv)
{
	pid_t other;

	bench_start(argc, argv, "yield",
		    "sched_yield() alone, and between two processes (a pair of switches).");
	bench_check(sched_yield() == 0, "sched_yield");
	bench_measure("alone", CALLS, yield);
	other = fork();
	bench_check(other >= 0, "fork");
	if (other == 0)
		for (;;)
			sched_yield();
	bench_measure("pair", CALLS, yield);
	kill(other, SIGKILL);
	bench_check(waitpid(other, NULL, 0) == other, "waitpid");
	return 0;
}
