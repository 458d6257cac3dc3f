/*
 * Priorities that a program may give: its own and lower ones. A higher one would let any program
 * starve all others.
 */
#include "common/tap.h"

#include <castle/castle.h>
#include <errno.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM "/bin/test_priority"

static int spawn_at(int priority, char *word)
{
	char *const arguments[] = { PROGRAM, word, NULL };
	char *const environment[] = { NULL };
	const struct castle_spawn request = { .priority = priority };

	return castle_call4(CASTLE_CALL_spawn, (uint32_t)PROGRAM, (uint32_t)arguments,
			    (uint32_t)environment, (uint32_t)&request);
}

static int exit_status(int pid)
{
	int status = -1;

	if (pid <= 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* What a child of a low priority may do; its exit status is the number of the first wrong thing. */
static int low(void)
{
	if (spawn_at(CASTLE_PRIORITY_DEFAULT, "end") != -EPERM)
		return 1;
	if (spawn_at(CASTLE_PRIORITY_COUNT - 3, "end") != -EPERM)
		return 2;
	if (exit_status(spawn_at(CASTLE_PRIORITY_COUNT - 2, "end")) != 0)
		return 3;
	if (exit_status(spawn_at(-1, "end")) != 0)
		return 4;
	return exit_status(spawn_at(CASTLE_PRIORITY_COUNT - 1, "end")) == 0 ? 0 : 5;
}

/* The others live on beside as many spinning processes as the program can start at priority 0. */
static void test_starving(void)
{
	int pids[CASTLE_CPUS_MAX + 1], started = 0;

	for (int i = 0; i <= CASTLE_CPUS_MAX; i++) {
		pids[i] = spawn_at(0, "end");
		started += pids[i] > 0;
	}
	while (wait(NULL) > 0)
		;
	ok_is(started, 0, "no program gets a higher priority than its own");
}

static void test_posix_spawn(void)
{
	const struct sched_param high = { .sched_priority = 0 };
	char *const arguments[] = { PROGRAM, "end", NULL };
	posix_spawnattr_t attributes;
	pid_t pid = -1;
	int error;

	posix_spawnattr_init(&attributes);
	posix_spawnattr_setschedparam(&attributes, &high);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSCHEDPARAM);
	error = posix_spawn(&pid, PROGRAM, NULL, &attributes, arguments, NULL);
	ok_is(error, EPERM, "posix_spawn says so");
	if (!error)
		waitpid(pid, NULL, 0);
	posix_spawnattr_destroy(&attributes);
}

int main(int argc, char **argv)
{
	int pid;

	if (argc == 2)
		return strcmp(argv[1], "low") == 0 ? low() : 0;
	ok_is(spawn_at(CASTLE_PRIORITY_DEFAULT - 1, "end"), -EPERM, "spawn at a higher priority");
	ok_is(spawn_at(0, "end"), -EPERM, "and at the highest");
	while (wait(NULL) > 0)
		;
	ok_is(exit_status(spawn_at(CASTLE_PRIORITY_DEFAULT, "end")), 0, "spawn at one's own");
	ok_is(exit_status(spawn_at(-1, "end")), 0, "or without one");
	pid = spawn_at(CASTLE_PRIORITY_COUNT - 2, "low");
	ok_is(exit_status(pid), 0, "a process of a low priority cannot go up either");
	test_starving();
	test_posix_spawn();
	return done_testing();
}
