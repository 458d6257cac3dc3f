/*
 * The end of processes whose threads run on several CPUs: by a signal from outside, by exit, fault
 * or exec in one of the threads. The status must be right, and every page must come back.
 */
#include "test_smp.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define WARM_UP 3

static uint32_t spinning;
static int never[2]; /* a pipe that nobody writes to */

static void *spin(void *argument)
{
	__atomic_add_fetch(&spinning, 1, __ATOMIC_RELAXED);
	for (;;)
		spin_pause();
	return argument;
}

static void *block(void *argument)
{
	char byte;

	__atomic_add_fetch(&spinning, 1, __ATOMIC_RELAXED);
	read(never[0], &byte, 1);
	return argument;
}

static void start(void *(*function)(void *))
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, function, NULL) != 0)
		_exit(100);
}

/* As many threads as CPUs spin, two wait, and `last` is one more. */
static void start_threads(void *(*last)(void *))
{
	const uint32_t count = cpu_count() + 2;

	spinning = 0;
	pipe(never);
	start(block);
	start(block);
	for (uint32_t i = 0; i < cpu_count(); i++)
		start(spin);
	while (__atomic_load_n(&spinning, __ATOMIC_RELAXED) < count)
		sched_yield();
	if (last)
		start(last);
}

static void *exit_in_thread(void *argument)
{
	_exit(argument ? 1 : 7);
}

static void *fault_in_thread(void *argument)
{
	volatile uintptr_t unmapped = 4;

	*(volatile int *)unmapped = 1;
	return argument;
}

static void *exec_in_thread(void *argument)
{
	char *const arguments[] = { "sh", "-c", "exit 5", NULL };

	execv("/bin/sh", arguments);
	_exit(100);
	return argument;
}

static void *kill_in_thread(void *argument)
{
	kill(getpid(), SIGTERM);
	return argument;
}

static void wait_for_end(void *(*last)(void *))
{
	start_threads(last);
	for (;;)
		pause();
}

static void end_by_exit(void)
{
	wait_for_end(exit_in_thread);
}

static void end_by_fault(void)
{
	wait_for_end(fault_in_thread);
}

static void end_by_exec(void)
{
	wait_for_end(exec_in_thread);
}

static void end_by_own_signal(void)
{
	wait_for_end(kill_in_thread);
}

static void end_by_first_thread(void)
{
	start_threads(NULL);
	_exit(9);
}

static void exec_in_first_thread(void)
{
	start_threads(NULL);
	exec_in_thread(NULL);
}

/* Killed from outside once the threads spin; the child says when. */
static int kill_from_outside(void)
{
	int ends[2];
	char byte = 'x';
	pid_t pid;

	pipe(ends);
	pid = fork();
	if (pid == 0) {
		start_threads(NULL);
		write(ends[1], &byte, 1);
		spin(NULL);
	}
	close(ends[1]);
	read(ends[0], &byte, 1);
	close(ends[0]);
	kill(pid, SIGKILL);
	return status_of(pid);
}

/* While the threads are being made, at a moment that differs from round to round. */
static int kill_early(void)
{
	static unsigned round;
	const pid_t pid = fork();

	if (pid == 0) {
		start_threads(NULL);
		spin(NULL);
	}
	for (volatile unsigned turns = ++round * 7919 % 50000; turns > 0; turns--)
		;
	kill(pid, SIGKILL);
	return status_of(pid);
}

static void (*ending)(void);

static int end_from_inside(void)
{
	return in_child(ending);
}

/* One way to end, again and again. */
static void test_end(int (*end)(void), int expected, int rounds, const char *name)
{
	long before;
	int good = 0;

	for (int i = 0; i < WARM_UP; i++)
		end();
	usleep(50000);
	before = free_pages();
	for (int i = 0; i < rounds; i++)
		good += end() == expected;
	ok_is(good, rounds, name);
	ok_memory_is(before, "and nothing is left of it");
}

static void test_ending(void (*end)(void), int expected, int rounds, const char *name)
{
	ending = end;
	test_end(end_from_inside, expected, rounds, name);
}

/* On one CPU the threads wait for each other's time slices; many make each round longer. */
static int round_count(void)
{
	if (cpu_count() == 1)
		return 10;
	return cpu_count() > 2 ? 20 : 40;
}

void test_killing(void)
{
	const int rounds = round_count();

	test_end(kill_from_outside, SIGKILL, rounds, "killed from outside while threads spin");
	test_end(kill_early, SIGKILL, 2 * rounds, "killed while threads are being made");
	test_ending(end_by_exit, 7 << 8, rounds, "a thread exits while others spin");
	test_ending(end_by_first_thread, 9 << 8, rounds, "the first thread exits");
	test_ending(end_by_fault, SIGSEGV, rounds / 5, "a thread faults while others spin");
	test_ending(end_by_exec, 5 << 8, rounds, "a thread runs another program");
	test_ending(exec_in_first_thread, 5 << 8, rounds, "the first thread does");
	test_ending(end_by_own_signal, SIGTERM, rounds, "a thread sends the process a signal");
	ok_errno(waitpid(-1, NULL, WNOHANG), ECHILD, "no process is left");
}
