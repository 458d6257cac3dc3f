/*
 * Ends that meet: two threads that end the process at once, threads that are made and processes
 * that are forked meanwhile, and a death that must not wait for others' processors.
 */
#include "test_deaths.h"
#include "../common/cpus.h"
#include "../common/guard.h"
#include "../common/tap.h"

#include <castle/castle.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM "/bin/test_deaths"
#define ROUNDS  10
#define FEWER   5   /* times: of what has all processors spin */
#define DELAY   500 /* microseconds */

static int together; /* the threads that wait for each other */

/* The threads go on from here at the same moment, as far as there are processors. */
static void meet(int count)
{
	__atomic_add_fetch(&together, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&together, __ATOMIC_SEQ_CST) < count)
		if (cpu_count() == 1)
			castle_call0(CASTLE_CALL_yield);
	random_delay(DELAY / 50);
}

static void *exit_with(void *argument)
{
	meet(3);
	_exit((int)(intptr_t)argument);
}

static void exits_at_once(void)
{
	start_thread(exit_with, (void *)1);
	start_thread(exit_with, (void *)2);
	exit_with((void *)3);
}

static void *exec_with(void *argument)
{
	char text[] = "exit 1";

	text[5] += (char)(intptr_t)argument - 1;
	meet(3);
	execl("/bin/sh", "sh", "-c", text, NULL);
	_exit(100);
}

static void execs_at_once(void)
{
	start_thread(exec_with, (void *)1);
	start_thread(exec_with, (void *)2);
	exec_with((void *)3);
}

static void exec_and_exit(void)
{
	start_thread(exec_with, (void *)1);
	start_thread(exit_with, (void *)2);
	exit_with((void *)3);
}

static void *end_at_once(void *argument)
{
	return argument;
}

static void *create_and_join(void *argument)
{
	pthread_t thread;

	say_there();
	for (;;)
		if (pthread_create(&thread, NULL, end_at_once, argument) == 0)
			pthread_join(thread, NULL);
	return argument;
}

/* Threads are made while another ends the process. */
static void create_while_exit(void)
{
	start_thread(create_and_join, NULL);
	start_thread(create_and_join, NULL);
	await_there(2);
	random_delay(DELAY);
	_exit(1);
}

static void *fork_for_ever(void *argument)
{
	say_there();
	for (;;) {
		const int pid = fork();

		if (pid == 0)
			_exit(0);
		waitpid(pid, NULL, 0);
	}
	return argument;
}

static void fork_while_kill(void)
{
	start_thread(fork_for_ever, NULL);
	start_thread(fork_for_ever, NULL);
	await_there(2);
	random_delay(DELAY);
	kill(getpid(), SIGKILL);
}

/* The last threads end by themselves while the process is killed. */
static void *end_soon(void *argument)
{
	meet(4);
	return argument;
}

static void threads_end_while_kill(void)
{
	for (int i = 0; i < 3; i++)
		start_thread(end_soon, NULL);
	meet(4);
	kill(getpid(), SIGKILL);
}

static void last_threads_end_at_once(void)
{
	for (int i = 0; i < 3; i++)
		start_thread(end_soon, NULL);
	meet(4);
	pthread_exit(NULL);
}

/* Both the process and its parent's wait are ended. */
static void kill_parent_of_zombies(void)
{
	for (int i = 0; i < 5; i++)
		if (fork() == 0)
			_exit(0);
	random_delay(DELAY);
	kill(getpid(), SIGKILL);
}

static void *kill_self(void *argument)
{
	meet(3);
	kill(getpid(), SIGKILL);
	return argument;
}

static void kills_at_once(void)
{
	start_thread(kill_self, NULL);
	start_thread(kill_self, NULL);
	kill_self(NULL);
}

/* --- low priorities --------------------------------------------------------------------------- */

/* A process of the lowest priority that spins; it will get no processor once others are busy. */
static int start_low(void)
{
	char *const arguments[] = { PROGRAM, "spin", NULL };
	char *const environment[] = { "NOAPPKERN=1", NULL };
	const struct castle_spawn request = { .priority = CASTLE_PRIORITY_COUNT - 1 };

	return castle_call4(CASTLE_CALL_spawn, (uint32_t)PROGRAM, (uint32_t)arguments,
			    (uint32_t)environment, (uint32_t)&request);
}

static int kill_and_wait(pid_t pid)
{
	kill(pid, SIGKILL);
	return guard_wait(pid) == SIGKILL;
}

/* One on each processor, before they are busy; and one that does not get to run at all. */
static void kill_low(void)
{
	const uint32_t count = kernel_cpu_count();
	pid_t pids[CASTLE_CPUS_MAX];
	uint32_t good = 0;

	for (uint32_t i = 0; i < count; i++)
		pids[i] = start_low();
	usleep(20000);
	occupy_cpus(PROGRAM);
	for (uint32_t i = 0; i < count; i++)
		good += kill_and_wait(pids[i]);
	good += kill_and_wait(start_low());
	release_cpus();
	_exit(good == count + 1 ? 0 : 1);
}

/* --- rounds ----------------------------------------------------------------------------------- */

static void (*race)(void);
static int status_min, status_max, rounds, wrong, many;

/* Up to three times (ok_leaves_memory()): what was wrong in any of them is. */
static void race_rounds(void)
{
	for (int i = 0; i < rounds; i++) {
		const int status = guard_exit(race);

		if (status >= status_min && status <= status_max)
			continue;
		printf("# round %d: status %d\n", i, status);
		wrong++;
	}
}

static void test_race(void (*function)(void), int first, int last, const char *name)
{
	const int processes = process_count();

	race = function;
	status_min = first;
	status_max = last;
	rounds = function == kill_low ? many / FEWER : many;
	wrong = 0;
	ok_leaves_memory(race_rounds, name);
	ok_is(wrong, 0, "each time with a status of those that were given");
	ok_is(processes_awaited(processes), processes, "and no process is left");
}

/* --- descriptors ------------------------------------------------------------------------------ */

static int ends[2];
static ssize_t moved;
static int moved_errno;
static uint32_t blocked;

static void *blocked_read(void *argument)
{
	char byte;

	__atomic_store_n(&blocked, 1, __ATOMIC_SEQ_CST);
	moved = read(ends[0], &byte, 1);
	moved_errno = errno;
	return argument;
}

static void *blocked_write(void *argument)
{
	static char bytes[3 * 4096];

	__atomic_store_n(&blocked, 1, __ATOMIC_SEQ_CST);
	moved = write(ends[1], bytes, sizeof bytes);
	moved_errno = errno;
	return argument;
}

static void with_blocked(thread_function function, void (*change)(void))
{
	pthread_t thread;

	signal(SIGPIPE, SIG_IGN);
	pipe(ends);
	pthread_create(&thread, NULL, function, NULL);
	while (!__atomic_load_n(&blocked, __ATOMIC_SEQ_CST))
		castle_call0(CASTLE_CALL_yield);
	usleep(10000);
	change();
	pthread_join(thread, NULL);
}

static void close_first(void)
{
	close(ends[0]);
}

static void close_second(void)
{
	close(ends[1]);
}

static void close_both(void)
{
	close(ends[1]);
	close(ends[0]);
}

static void read_and_close(void)
{
	with_blocked(blocked_read, close_first);
	_exit(moved == -1 && moved_errno == EBADF ? 0 : 1);
}

static void read_and_close_other(void)
{
	with_blocked(blocked_read, close_second);
	_exit(moved == 0 ? 0 : 1);
}

static void read_and_close_both(void)
{
	with_blocked(blocked_read, close_both);
	_exit(moved == 0 || (moved == -1 && moved_errno == EBADF) ? 0 : 1);
}

static void write_and_close(void)
{
	with_blocked(blocked_write, close_second);
	_exit(moved == 4096 || (moved == -1 && moved_errno == EBADF) ? 0 : 1);
}

static void write_and_close_other(void)
{
	with_blocked(blocked_write, close_first);
	_exit(moved == 4096 || (moved == -1 && moved_errno == EPIPE) ? 0 : 1);
}

/* The pipe goes with the process that reads it, under the writer of another one. */
static void write_and_kill_reader(void)
{
	static char bytes[3 * 4096];
	pid_t pid;

	signal(SIGPIPE, SIG_IGN);
	pipe(ends);
	pid = fork();
	if (pid == 0) {
		close(ends[1]);
		for (;;)
			pause();
	}
	close(ends[0]);
	if (fork() == 0) {
		usleep(10000);
		kill(pid, SIGKILL);
		_exit(0);
	}
	moved = write(ends[1], bytes, sizeof bytes);
	_exit(moved == 4096 || (moved == -1 && errno == EPIPE) ? 0 : 1);
}

void test_races(int count)
{
	many = count ? count : ROUNDS;
	test_race(exits_at_once, 1, 3, "three threads exit at once");
	test_race(execs_at_once, 1, 3, "three threads call exec at once");
	test_race(exec_and_exit, 1, 3, "a thread calls exec while others exit");
	test_race(create_while_exit, 1, 1, "threads are made while the process exits");
	test_race(fork_while_kill, 1000 + SIGKILL, 1000 + SIGKILL,
		  "threads fork while it is killed");
	test_race(threads_end_while_kill, 1000 + SIGKILL, 1000 + SIGKILL,
		  "threads end while it is killed");
	test_race(last_threads_end_at_once, 0, 0, "the last threads end at once");
	test_race(kill_parent_of_zombies, 1000 + SIGKILL, 1000 + SIGKILL,
		  "it is killed while its children end");
	test_race(kills_at_once, 1000 + SIGKILL, 1000 + SIGKILL,
		  "it is killed three times at once");
	test_race(kill_low, 0, 0, "a process of low priority is killed while others compute");
	test_race(read_and_close, 0, 0, "a descriptor is closed under its reader");
	test_race(read_and_close_other, 0, 0, "the writing end is closed under the reader");
	test_race(read_and_close_both, 0, 0, "both are");
	test_race(write_and_close, 0, 0, "a descriptor is closed under its writer");
	test_race(write_and_close_other, 0, 0, "the reading end is closed under the writer");
	test_race(write_and_kill_reader, 0, 0, "the reader is killed under the writer");
}
