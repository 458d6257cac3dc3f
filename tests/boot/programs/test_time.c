/*
 * Time and scheduling: sleeps are long enough, clocks do not run backwards, spinning processes
 * share the processor, priorities count.
 */
#include "common/cpus.h"
#include "common/tap.h"

#include <castle/castle.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PROGRAM     "/bin/test_time"
#define QUESTION_FD 3 /* of the process that asks */
#define ANSWER_FD   4

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void test_sleep(void)
{
	static const long lengths[] = { 1, 1000, 1000000, 10000000, 25000000 };
	struct timespec time = { 0, 0 };

	for (unsigned i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		const int64_t start = now();
		time.tv_nsec = lengths[i];
		nanosleep(&time, NULL);
		ok(now() - start >= lengths[i], "a sleep of %ld ns is not too short", lengths[i]);
	}
	time.tv_nsec = 0;
	ok_is(nanosleep(&time, NULL), 0, "a sleep of nothing");
	time.tv_nsec = 1000000000;
	ok_errno(nanosleep(&time, NULL), EINVAL, "a thousand million nanoseconds");
}

static void test_clocks(void)
{
	struct timespec time;
	int64_t last = now();
	int backwards = 0;

	for (int i = 0; i < 20000; i++) {
		const int64_t next = now();
		backwards += next < last;
		last = next;
	}
	ok_is(backwards, 0, "the monotonic clock does not run backwards");
	clock_gettime(CLOCK_REALTIME, &time);
	ok(time.tv_sec > 1500000000, "the wall clock shows this century");
	ok_errno(clock_gettime(77, &time), EINVAL, "no such clock");
}

static bool have_run(const pid_t pids[2])
{
	return process_info(pids[0]).user_ticks > 0 && process_info(pids[1]).user_ticks > 0;
}

/* Processes that never call the kernel share the processor all the same, and let others in. */
static void test_time_slices(void)
{
	pid_t pids[2];

	for (int i = 0; i < 2; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			for (;;)
				__asm__ volatile("" : : : "memory");
	}
	for (int i = 0; i < 20; i++)
		usleep(10000);
	ok(true, "spinning processes let others run");
	for (int i = 0; i < 500 && !have_run(pids); i++)
		usleep(10000);
	ok(have_run(pids), "and each other");
	for (int i = 0; i < 2; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
}

/*
 * Floating-point registers are a process's own, whenever it is interrupted. The sum stays in one
 * all the time; only the result is rounded to a double, so that it compares.
 */
static double series(double start)
{
	volatile double result;
	double sum = start;

	for (int i = 1; i < 3000000; i++)
		sum += 1.0 / ((double)i * i);
	result = sum;
	return result;
}

static void test_floating_point(void)
{
	const double expected = series(1), other = series(2);
	int status, wrong = 0;
	pid_t pids[3];

	for (int i = 0; i < 3; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			_exit(series(1 + i % 2) != (i % 2 ? other : expected));
	}
	for (int i = 0; i < 3; i++) {
		waitpid(pids[i], &status, 0);
		wrong += status != 0;
	}
	ok_is(wrong, 0, "floating-point registers survive being interrupted");
}

/*
 * What this program does at a low priority: it asks, and the answer must be there when the question
 * has been put, the other process having gone on at once. With several processors, both run.
 */
static int ask(void)
{
	const int tries = castle_kernel_page()->cpus > 1 ? 100 : 0;
	char byte = 0;

	fcntl(ANSWER_FD, F_SETFL, O_NONBLOCK);
	write(QUESTION_FD, "?", 1);
	for (int i = 0; i < tries && read(ANSWER_FD, &byte, 1) != 1; i++)
		usleep(10000);
	return byte == '!' || read(ANSWER_FD, &byte, 1) == 1 ? 0 : 1;
}

static void test_going_first(void)
{
	int question[2], answer[2], status = -1;
	char *const arguments[] = { PROGRAM, "ask", NULL };
	char byte;
	pid_t pid;

	pipe(question);
	pipe(answer);
	const struct castle_spawn_action actions[] = {
		{ .action = CASTLE_SPAWN_DUP2, .fd = question[1], .new_fd = QUESTION_FD },
		{ .action = CASTLE_SPAWN_DUP2, .fd = answer[0], .new_fd = ANSWER_FD },
	};
	const struct castle_spawn low = { .action_count = 2,
					  .actions = (uint32_t)actions,
					  .priority = CASTLE_PRIORITY_DEFAULT + 1 };
	pid = castle_call4(CASTLE_CALL_spawn, (uint32_t)PROGRAM, (uint32_t)arguments, 0,
			   (uint32_t)&low);
	read(question[0], &byte, 1);
	write(answer[1], "!", 1);
	waitpid(pid, &status, 0);
	ok_is(status, 0, "a higher priority runs at once");
}

/* A process of low priority does not run while others want to; the parent never waits meanwhile. */
static void test_priority(void)
{
	const struct castle_spawn low = { .priority = CASTLE_PRIORITY_COUNT - 1 };
	const char *path = "/bin/true";
	pid_t pid;
	int64_t end;

	occupy_cpus(PROGRAM);
	pid = castle_call4(CASTLE_CALL_spawn, (uint32_t)path, 0, 0, (uint32_t)&low);
	end = now() + 200000000;
	while (now() < end)
		sched_yield();
	ok_is(waitpid(pid, NULL, WNOHANG), 0, "a lower priority waits");
	release_cpus();
	ok_is(waitpid(pid, NULL, 0), pid, "and runs when nobody else does");
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], OCCUPY_ARGUMENT) == 0)
		occupy_cpu();
	if (argc == 2 && strcmp(argv[1], "ask") == 0)
		return ask();
	test_sleep();
	test_clocks();
	test_time_slices();
	test_floating_point();
	test_priority();
	test_going_first();
	return done_testing();
}
