/*
 * Migration (apkern.migrate=on): where threads run, as getcpu() tells. Nothing here depends on how
 * long it takes; a thread that never arrives where it should makes the test hang.
 */
#include "common/cpus.h"
#include "common/tap.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TURNS      200000   /* of an empty loop: far more than forwarding a call costs */
#define TURNS_LONG 20000000 /* some ticks: calls are so rare that nothing happens in their wake */

/* Processes more than processors: so many that some wait, whoever is making a call. */
#define WAITING 6

static bool is_on_boot_processor(void)
{
	return castle_getcpu() == 0;
}

/* Until the thread runs there, which it asks so often that it is bound to system calls. */
static void call_until(bool on_boot_processor)
{
	struct stat status;

	while (is_on_boot_processor() != on_boot_processor)
		stat("/", &status);
}

static void compute_until(bool on_boot_processor, uint32_t turns)
{
	while (is_on_boot_processor() != on_boot_processor)
		for (volatile uint32_t i = 0; i < turns; i++)
			;
}

static void compute_until_moved(void)
{
	compute_until(true, TURNS);
}

static void move_and_compute_until_sent_back(void)
{
	call_until(true);
	compute_until(false, TURNS);
}

static void compute_there_and_back(void)
{
	compute_until(false, TURNS_LONG); /* where it is made, its parent is */
	compute_until(true, TURNS_LONG);
	compute_until(false, TURNS_LONG);
}

static pid_t start(void (*function)(void))
{
	const pid_t pid = fork();

	if (pid == 0) {
		function();
		_exit(0);
	}
	return pid;
}

/* True if one of so many processes does it; the others may have to be ended. */
static bool one_does(void (*function)(void), unsigned count)
{
	pid_t pids[CASTLE_CPUS_MAX + WAITING];
	unsigned ended = 0;
	int status;

	for (unsigned i = 0; i < count; i++)
		pids[i] = start(function);
	const pid_t first = wait(&status);
	const bool good = first > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
	for (unsigned i = 0; i < count; i++)
		if (pids[i] > 0 && pids[i] != first)
			kill(pids[i], SIGKILL);
	while (wait(NULL) > 0)
		ended++;
	return good && ended == count - 1;
}

int main(void)
{
	const uint32_t cpus = cpu_count();

	call_until(true);
	ok(true, "a thread that makes one call after the other moves to the boot processor");
	ok(one_does(compute_until_moved, cpus + 1),
	   "of more threads than application processors, one computes there");
	ok(one_does(compute_there_and_back, cpus + WAITING),
	   "while others wait, it makes room after its turn");
	ok(one_does(move_and_compute_until_sent_back, 2),
	   "of two threads that compute there, one is sent back");
	return done_testing();
}
