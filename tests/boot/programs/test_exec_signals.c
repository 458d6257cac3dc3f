/*
 * exec and signals: a process with threads becomes another program whatever signals come meanwhile,
 * and those that wait for it are neither lost nor taken twice.
 */
#include "common/guard.h"
#include "common/handlers.h"
#include "common/tap.h"

#include <castle/castle.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM "/bin/test_exec_signals"
#define THREADS 4
#define ROUNDS  20

static volatile int caught;

static void catch (int signal)
{
	(void)signal;
	caught++;
}

static void *spin(void *argument)
{
	for (;;)
		sched_yield();
	return argument;
}

static void *wait_for_ever(void *argument)
{
	for (;;)
		pause();
	return argument;
}

static void run(const char *word)
{
	execl(PROGRAM, PROGRAM, word, NULL);
	_exit(200 + errno);
}

/* Signals with a handler come all the time; the new program ignores them by default. */
static void exec_under_fire(void)
{
	const pid_t pid = getpid();
	pthread_t thread;

	set_handler(SIGCHLD, catch);
	if (fork() == 0) {
		while (kill(pid, SIGCHLD) == 0)
			;
		_exit(0);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_create(&thread, NULL, i % 2 ? spin : wait_for_ever, NULL);
	while (caught < 3)
		sched_yield();
	run("end");
}

/* Children end meanwhile, and their end is not lost. */
static void exec_with_children(void)
{
	pthread_t thread;

	set_handler(SIGCHLD, catch);
	for (int i = 0; i < THREADS; i++)
		pthread_create(&thread, NULL, i % 2 ? spin : wait_for_ever, NULL);
	for (int i = 0; i < THREADS; i++)
		if (fork() == 0)
			_exit(i);
	run("wait");
}

/*
 * The first thread has been chosen for the signal when its handler goes, and the first thread, too:
 * what is then sent anew ends the process.
 */
static void *exec_without_handler(void *argument)
{
	kill(getpid(), SIGUSR1);
	signal(SIGUSR1, SIG_DFL);
	run("end");
	return argument;
}

static void exec_takes_handler(void)
{
	pthread_t thread;

	set_handler(SIGUSR1, catch);
	pthread_create(&thread, NULL, exec_without_handler, NULL);
	for (;;)
		pause();
}

/* The same where the first thread ends by itself. */
static void *take_handler(void *argument)
{
	for (;;) {
		set_handler(SIGUSR1, catch);
		kill(getpid(), SIGUSR1);
		if (argument)
			signal(SIGUSR1, SIG_IGN);
	}
	return argument;
}

static void thread_ends_with_signal(void)
{
	pthread_t thread;

	set_handler(SIGUSR1, catch);
	pthread_create(&thread, NULL, take_handler, &thread);
	usleep(20000);
	_exit(0);
}

/* A signal that was blocked is still waiting in the new program. */
static void exec_keeps_pending(void)
{
	pthread_t thread;

	mask(SIG_BLOCK, SIGUSR1);
	pthread_create(&thread, NULL, wait_for_ever, NULL);
	kill(getpid(), SIGUSR1);
	run("unblock");
}

static int with_word(const char *word)
{
	int status, count = 0;

	if (strcmp(word, "unblock") == 0) {
		mask(SIG_UNBLOCK, SIGUSR1);
		return 3;
	}
	if (strcmp(word, "wait") == 0) {
		while (wait(&status) > 0)
			count += WIFEXITED(status);
		return count == THREADS ? 0 : 4;
	}
	return 0;
}

static void test_often(void (*child)(void), int first, int second, const char *name)
{
	int good = 0, result = first;

	for (int i = 0; i < ROUNDS && (result == first || result == second); i++) {
		result = guard_exit(child);
		good += result == first || result == second;
	}
	ok(good == ROUNDS, "%s (round %d: %d)", name, good + 1, result);
}

int main(int argc, char **argv)
{
	const long before = free_pages();

	if (argc == 2)
		return with_word(argv[1]);
	test_often(exec_under_fire, 0, 0, "exec while signals come");
	test_often(exec_with_children, 0, 0, "exec while children end");
	test_often(exec_takes_handler, 0, 1000 + SIGUSR1,
		   "exec by a thread that takes the handler away");
	test_often(thread_ends_with_signal, 0, 1000 + SIGUSR1,
		   "a process ends with signals to come");
	test_often(exec_keeps_pending, 1000 + SIGUSR1, 1000 + SIGUSR1,
		   "a signal that waits does so through exec");
	ok(free_pages() > before / 2, "the machine is alive");
	return done_testing();
}
