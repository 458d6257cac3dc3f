/*
 * The end of processes whatever their threads are doing: waiting in each of the kernel's ways,
 * making calls on all processors, ending it themselves at the same moment. The status must be
 * right, no process be left, and every page come back.
 */
#include "test_deaths.h"
#include "../common/cpus.h"
#include "../common/guard.h"
#include "../common/tap.h"

#include <castle/castle.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROCESSES_MAX 256

static uint32_t there;
static uint32_t random_state = 1;

static struct castle_process_info processes[PROCESSES_MAX];

int process_count(void)
{
	return castle_info(CASTLE_INFO_PROCESSES, processes, sizeof processes) /
	       (int)sizeof *processes;
}

/* What they are, where one is left: that is seldom, and hard to come by again. */
static void show_processes(void)
{
	const int count = process_count();

	for (int i = 0; i < count; i++)
		printf("# %s %d, child of %d: %c, %u threads, CPU %d, %u ticks\n",
		       processes[i].program, (int)processes[i].pid, (int)processes[i].parent,
		       (char)processes[i].state, (unsigned)processes[i].threads,
		       (int)processes[i].cpu, (unsigned)processes[i].user_ticks);
}

void start_thread(thread_function function, void *argument)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, function, argument) != 0)
		_exit(100);
}

void say_there(void)
{
	__atomic_add_fetch(&there, 1, __ATOMIC_SEQ_CST);
}

void await_there(uint32_t count)
{
	while (__atomic_load_n(&there, __ATOMIC_SEQ_CST) < count)
		sched_yield();
}

void random_seed(uint32_t seed)
{
	random_state = seed * 2654435761u | 1;
}

/* G. Marsaglia: Xorshift RNGs, 2003. */
uint32_t random_below(uint32_t limit)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state % limit;
}

void random_delay(uint32_t microseconds)
{
	struct castle_boot_info boot = { 0 };
	uint64_t end;

	castle_info(CASTLE_INFO_BOOT, &boot, sizeof boot);
	end = cycles_now() + (uint64_t)random_below(microseconds + 1) *
				     (boot.cycles_per_ms ? boot.cycles_per_ms : 1000000) / 1000;
	while (cycles_now() < end)
		spin_pause();
}

/* --- endings ---------------------------------------------------------------------------------- */

static void end_by_exit(void)
{
	_exit(7);
}

static void end_by_fault(void)
{
	__asm__ volatile("movl $1, 8");
}

static void end_by_exec(void)
{
	execl("/bin/sh", "sh", "-c", "exit 5", NULL);
	_exit(100);
}

static void end_by_own_signal(void)
{
	kill(getpid(), SIGTERM);
}

static void end_by_exit_of_all(void)
{
	for (int i = 0; i < 2; i++)
		start_thread((thread_function)(void *)end_by_exit, NULL);
	_exit(7);
}

const struct ending endings[] = {
	{ "killed", NULL, SIGKILL },
	{ "by exit", end_by_exit, 7 << 8 },
	{ "by exec", end_by_exec, 5 << 8 },
	{ "by a fault", end_by_fault, SIGSEGV },
	{ "by its own signal", end_by_own_signal, SIGTERM },
	{ "by three exits at once", end_by_exit_of_all, 7 << 8 },
};
const uint32_t ending_count = sizeof endings / sizeof *endings;

/* --- victims ---------------------------------------------------------------------------------- */

void (*victim_clean)(void);

static struct {
	thread_function function;
	uint32_t threads, delay;
	const struct ending *ending;
	int rounds, wrong;
} plan;

static __attribute__((noreturn)) void be_victim(int fd)
{
	for (uintptr_t i = 0; i < plan.threads; i++)
		start_thread(plan.function, (void *)i);
	await_there(plan.threads);
	write(fd, "x", 1);
	if (plan.ending->inside) {
		random_delay(plan.delay);
		plan.ending->inside();
	}
	for (;;)
		pause();
}

static int one_round(void)
{
	char byte;
	int ends[2];
	pid_t pid;

	pipe(ends);
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		be_victim(ends[1]);
	}
	close(ends[1]);
	read(ends[0], &byte, 1);
	close(ends[0]);
	random_delay(plan.delay);
	if (!plan.ending->inside)
		kill(pid, SIGKILL);
	return guard_wait(pid);
}

/* Up to three times (ok_leaves_memory()): what was wrong in any of them is. */
static void rounds(void)
{
	for (int i = 0; i < plan.rounds; i++) {
		const int status = one_round();

		if (status != plan.ending->status) {
			printf("# round %d: status 0x%x\n", i, (unsigned)status);
			plan.wrong++;
		}
		victim_clean();
	}
	for (int tries = 0; tries < 100 && waitpid(-1, NULL, WNOHANG) > 0; tries++)
		;
}

int processes_awaited(int expected)
{
	for (int tries = 0; tries < 500 && process_count() != expected; tries++)
		usleep(10000);
	if (process_count() != expected)
		show_processes();
	return process_count();
}

void test_victim(const char *name, thread_function function, uint32_t threads, uint32_t delay,
		 const struct ending *ending, int count)
{
	const int before = process_count();
	char text[100];

	plan.function = function;
	plan.threads = threads;
	plan.delay = delay;
	plan.ending = ending;
	plan.rounds = count;
	plan.wrong = 0;
	snprintf(text, sizeof text, "%s, ended %s: nothing is left", name, ending->name);
	ok_leaves_memory(rounds, text);
	ok_is(plan.wrong, 0, "each with the right status");
	ok_is(processes_awaited(before), before, "and no process");
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], OCCUPY_ARGUMENT) == 0)
		occupy_cpu();
	if (argc == 2 && strcmp(argv[1], "spin") == 0)
		for (;;)
			spin_pause();
	if (argc == 1 || strcmp(argv[1], "waits") == 0)
		test_waits();
	if (argc == 1 || strcmp(argv[1], "calls") == 0)
		test_calls();
	if (argc == 3 && strcmp(argv[1], "all-calls") == 0)
		test_all_calls(atoi(argv[2]));
	if (argc == 1 || strcmp(argv[1], "races") == 0)
		test_races(argc == 3 ? atoi(argv[2]) : 0);
	return done_testing();
}
