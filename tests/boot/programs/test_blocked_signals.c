/*
 * Signals that all threads of a process block belong to the process: whichever thread is the first
 * to let them in takes them, whether it changes its mask, returns from a handler, or waits for them.
 */
#include "common/guard.h"
#include "common/tap.h"

#include <castle/castle.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define WAIT_US 20000
#define ROUNDS  20

static volatile int caught_by; /* the thread that ran the handler last */
static volatile int caught;

static void catch (int signal)
{
	(void)signal;
	caught_by = castle_gettid();
	__atomic_add_fetch(&caught, 1, __ATOMIC_SEQ_CST);
}

static sigset_t set_of(int signal)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signal);
	return set;
}

static void mask(int how, int signal)
{
	const sigset_t set = set_of(signal);

	pthread_sigmask(how, &set, NULL);
}

static void set_handler(int signal, void (*handler)(int), int also_blocked)
{
	struct sigaction action;

	memset(&action, 0, sizeof action);
	action.sa_handler = handler;
	if (also_blocked)
		sigaddset(&action.sa_mask, also_blocked);
	sigaction(signal, &action, NULL);
}

static volatile int step;

static void reach(int number)
{
	__atomic_store_n(&step, number, __ATOMIC_SEQ_CST);
}

static void await(int number)
{
	while (__atomic_load_n(&step, __ATOMIC_SEQ_CST) < number)
		sched_yield();
}

static int finish(int good)
{
	_exit(good ? 0 : 1);
}

/* --- a thread that is not the first changes its mask ------------------------------------------ */

static void *unblock(void *argument)
{
	await(1);
	mask(SIG_UNBLOCK, SIGUSR1);
	finish(caught == 1 && caught_by == castle_gettid());
	return argument;
}

static void second_thread_unblocks(void)
{
	pthread_t thread;

	set_handler(SIGUSR1, catch, 0);
	mask(SIG_BLOCK, SIGUSR1);
	pthread_create(&thread, NULL, unblock, NULL);
	kill(getpid(), SIGUSR1);
	reach(1);
	pthread_join(thread, NULL);
}

/* --- it is in a handler that blocks the signal, and returns ----------------------------------- */

static void wait_in_handler(int signal)
{
	(void)signal;
	reach(2);
	await(3);
}

static void *return_from_handler(void *argument)
{
	mask(SIG_UNBLOCK, SIGUSR1);
	mask(SIG_UNBLOCK, SIGUSR2);
	reach(1);
	await(3);
	finish(caught == 1 && caught_by == castle_gettid());
	return argument;
}

static void handler_returns(void)
{
	pthread_t thread;

	set_handler(SIGUSR1, catch, 0);
	set_handler(SIGUSR2, wait_in_handler, SIGUSR1);
	mask(SIG_BLOCK, SIGUSR1);
	mask(SIG_BLOCK, SIGUSR2);
	pthread_create(&thread, NULL, return_from_handler, NULL);
	await(1);
	kill(getpid(), SIGUSR2);
	await(2);
	kill(getpid(), SIGUSR1); /* the only willing thread is in its handler */
	reach(3);
	pthread_join(thread, NULL);
}

/* The signal's own handler blocks it, too. */
static void wait_once(int signal)
{
	catch (signal);
	if (caught == 1) {
		reach(2);
		await(3);
	}
}

static void *return_from_own_handler(void *argument)
{
	mask(SIG_UNBLOCK, SIGUSR1);
	reach(1);
	await(3);
	finish(caught == 2 && caught_by == castle_gettid());
	return argument;
}

static void own_handler_returns(void)
{
	pthread_t thread;

	set_handler(SIGUSR1, wait_once, 0);
	mask(SIG_BLOCK, SIGUSR1);
	pthread_create(&thread, NULL, return_from_own_handler, NULL);
	await(1);
	kill(getpid(), SIGUSR1);
	await(2);
	kill(getpid(), SIGUSR1);
	reach(3);
	pthread_join(thread, NULL);
}

/* --- it waits for the signal ------------------------------------------------------------------ */

static void *suspend(void *argument)
{
	sigset_t none;

	await(1);
	sigemptyset(&none);
	sigsuspend(&none);
	finish(caught == 1 && caught_by == castle_gettid());
	return argument;
}

static void second_thread_suspends(void)
{
	pthread_t thread;

	set_handler(SIGUSR1, catch, 0);
	mask(SIG_BLOCK, SIGUSR1);
	pthread_create(&thread, NULL, suspend, NULL);
	kill(getpid(), SIGUSR1);
	reach(1);
	pthread_join(thread, NULL);
}

/* --- without a handler ------------------------------------------------------------------------ */

static void *unblock_default(void *argument)
{
	await(1);
	mask(SIG_UNBLOCK, SIGTERM);
	finish(0);
	return argument;
}

static void default_is_done(void)
{
	pthread_t thread;

	mask(SIG_BLOCK, SIGTERM);
	pthread_create(&thread, NULL, unblock_default, NULL);
	kill(getpid(), SIGTERM);
	reach(1);
	pthread_join(thread, NULL);
}

/* --- the first thread has ended --------------------------------------------------------------- */

static void *unblock_alone(void *argument)
{
	await(1);
	usleep(WAIT_US);
	kill(getpid(), SIGUSR1);
	mask(SIG_UNBLOCK, SIGUSR1);
	finish(caught == 1);
	return argument;
}

static void first_thread_ends(void)
{
	pthread_t thread;

	set_handler(SIGUSR1, catch, 0);
	mask(SIG_BLOCK, SIGUSR1);
	pthread_create(&thread, NULL, unblock_alone, NULL);
	reach(1);
	pthread_exit(NULL);
}

/* It ends with the signal sent already: the process keeps it. */
static void *unblock_when_alone(void *argument)
{
	await(1);
	usleep(WAIT_US);
	mask(SIG_UNBLOCK, SIGUSR1);
	finish(caught == 1);
	return argument;
}

static void first_thread_ends_after(void)
{
	pthread_t thread;

	set_handler(SIGUSR1, catch, 0);
	mask(SIG_BLOCK, SIGUSR1);
	pthread_create(&thread, NULL, unblock_when_alone, NULL);
	kill(getpid(), SIGUSR1);
	reach(1);
	pthread_exit(NULL);
}

/* --- a thread that has been chosen comes to block it ------------------------------------------ */

/* Until another thread has taken the other signal. */
static void wait_for_other(int signal)
{
	(void)signal;
	for (int i = 0; i < 100 && !caught; i++)
		usleep(10000);
	finish(caught == 1 && caught_by != castle_gettid());
}

static void *send_both(void *argument)
{
	kill(getpid(), SIGUSR1);
	kill(getpid(), SIGUSR2);
	for (;;)
		pause();
	return argument;
}

/* Both signals are for the first thread, until the first one's handler blocks the second one. */
static void chosen_thread_blocks(void)
{
	pthread_t thread;

	set_handler(SIGUSR1, wait_for_other, SIGUSR2);
	set_handler(SIGUSR2, catch, 0);
	pthread_create(&thread, NULL, send_both, NULL);
	for (;;)
		pause();
}

/* --- once, and not in a child ----------------------------------------------------------------- */

static void *unblock_and_count(void *argument)
{
	mask(SIG_UNBLOCK, SIGUSR1);
	__atomic_add_fetch(&step, 1, __ATOMIC_SEQ_CST);
	while (step < 4)
		sched_yield();
	return argument;
}

static void taken_once(void)
{
	pthread_t threads[4];

	set_handler(SIGUSR1, catch, 0);
	mask(SIG_BLOCK, SIGUSR1);
	kill(getpid(), SIGUSR1);
	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, unblock_and_count, NULL);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	mask(SIG_UNBLOCK, SIGUSR1);
	finish(caught == 1);
}

static void not_inherited(void)
{
	int status;
	pid_t pid;

	set_handler(SIGUSR1, catch, 0);
	mask(SIG_BLOCK, SIGUSR1);
	kill(getpid(), SIGUSR1);
	pid = fork();
	if (pid == 0) {
		mask(SIG_UNBLOCK, SIGUSR1);
		finish(caught == 0);
	}
	waitpid(pid, &status, 0);
	mask(SIG_UNBLOCK, SIGUSR1);
	finish(status == 0 && caught == 1);
}

static void test_often(void (*child)(void), int expected, const char *name)
{
	int good = 0, result = expected;

	for (int i = 0; i < ROUNDS && result == expected; i++) {
		result = guard_exit(child);
		good += result == expected;
	}
	ok(good == ROUNDS, "%s (round %d: %d)", name, good + 1, result);
}

int main(void)
{
	test_often(second_thread_unblocks, 0, "the second thread lets it in");
	test_often(handler_returns, 0, "a handler that blocked it returns");
	test_often(own_handler_returns, 0, "its own handler returns");
	test_often(second_thread_suspends, 0, "the second thread waits for it");
	test_often(default_is_done, 1000 + SIGTERM, "without a handler, it ends the process");
	test_often(first_thread_ends, 0, "the first thread has ended");
	test_often(first_thread_ends_after, 0, "the first thread ends with the signal waiting");
	test_often(chosen_thread_blocks, 0, "another thread takes it if the chosen one blocks it");
	test_often(taken_once, 0, "one thread of many takes it, once");
	test_often(not_inherited, 0, "a child does not inherit it");
	return done_testing();
}
