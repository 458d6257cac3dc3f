/*
 * Signals for a process that computes and makes calls in turn, so that the application kernel may
 * move it to the boot processor and back (apkern.migrate=on) with handlers at work: each signal
 * runs its handler once, and the process goes on where it was.
 */
#include "common/guard.h"
#include "common/tap.h"

#include <castle/castle.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TURNS     60
#define CALLS_MAX 100000

static volatile uint32_t handled;

static void handle(int signal)
{
	(void)signal;
	handled++;
}

/* The handler is the only way out of each turn; one byte for each. */
static __attribute__((noreturn)) void spin_for_signals(int fd, int calls)
{
	struct sigaction action;
	struct stat status;

	memset(&action, 0, sizeof action);
	action.sa_handler = handle;
	sigaction(SIGUSR1, &action, NULL);
	for (;;) {
		const uint32_t before = handled;

		write(fd, "x", 1);
		while (handled == before)
			for (int i = 0; i < calls && handled == before; i++)
				stat("/", &status);
	}
}

static int turns(int calls)
{
	int ends[2], good = 0;
	char byte;
	pid_t pid;

	pipe(ends);
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		spin_for_signals(ends[1], calls);
	}
	close(ends[1]);
	good += read(ends[0], &byte, 1) == 1;
	for (int turn = 0; turn < TURNS && good == turn + 1; turn++) {
		usleep(turn % 4 * 500);
		kill(pid, SIGUSR1);
		good += read(ends[0], &byte, 1) == 1;
	}
	kill(pid, SIGKILL);
	close(ends[0]);
	return guard_wait(pid) == SIGKILL ? good : -good;
}

/* Makes calls until it is on the boot processor, if there is another one that it may be on. */
static void move(void)
{
	struct stat status;

	for (int i = 0; i < CALLS_MAX && castle_getcpu() != 0; i++)
		stat("/", &status);
}

int main(void)
{
	move();
	ok_is(turns(0), TURNS + 1, "signals reach a process that spins, made where calls are");
	ok_is(turns(0), TURNS + 1, "signals reach a process that spins");
	ok_is(turns(1000), TURNS + 1, "and one that makes calls");
	ok_is(turns(40), TURNS + 1, "and one that does both");
	return done_testing();
}
