/*
 * Signals and threads: what a thread raises or brings on itself is its own, waits that a signal
 * ends, the mask of sigsuspend(), and what a handler sees on its stack.
 */
#include "common/guard.h"
#include "common/handlers.h"
#include "common/tap.h"

#include <castle/address_map.h>
#include <castle/castle.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WAIT_US 20000
#define ROUNDS  20

static volatile int caught, caught_by;

static void catch (int signal)
{
	(void)signal;
	caught_by = castle_gettid();
	caught++;
}

static void in_thread(void *(*function)(void *))
{
	pthread_t thread;

	pthread_create(&thread, NULL, function, NULL);
	pthread_join(thread, NULL);
}

/* --- raise() and SIGPIPE ---------------------------------------------------------------------- */

static void *raise_here(void *argument)
{
	raise(SIGUSR1);
	_exit(caught == 1 && caught_by == castle_gettid() ? 0 : 1);
	return argument;
}

static void raise_in_thread(void)
{
	set_handler(SIGUSR1, catch);
	in_thread(raise_here);
}

/* The first thread, which would take it, must not. */
static void *raise_blocked(void *argument)
{
	mask(SIG_BLOCK, SIGUSR1);
	raise(SIGUSR1);
	usleep(WAIT_US);
	if (caught)
		_exit(1);
	mask(SIG_UNBLOCK, SIGUSR1);
	_exit(caught == 1 && caught_by == castle_gettid() ? 0 : 2);
	return argument;
}

static void raise_blocked_in_thread(void)
{
	set_handler(SIGUSR1, catch);
	in_thread(raise_blocked);
}

static int broken_pipe(void)
{
	int ends[2];

	pipe(ends);
	close(ends[0]);
	return ends[1];
}

static void *write_here(void *argument)
{
	const int fd = broken_pipe();

	if (write(fd, "x", 1) != -1 || errno != EPIPE)
		_exit(1);
	_exit(caught == 1 && caught_by == castle_gettid() ? 0 : 2);
	return argument;
}

static void sigpipe_in_thread(void)
{
	set_handler(SIGPIPE, catch);
	in_thread(write_here);
}

static void *write_blocked(void *argument)
{
	mask(SIG_BLOCK, SIGPIPE);
	if (write(broken_pipe(), "x", 1) != -1 || errno != EPIPE)
		_exit(1);
	usleep(WAIT_US);
	if (caught)
		_exit(2);
	mask(SIG_UNBLOCK, SIGPIPE);
	_exit(caught == 1 && caught_by == castle_gettid() ? 0 : 3);
	return argument;
}

static void sigpipe_blocked_in_thread(void)
{
	set_handler(SIGPIPE, catch);
	in_thread(write_blocked);
}

/* --- waits that a signal ends ----------------------------------------------------------------- */

/* Again and again while the parent is there: a slow host may have the first one come too early. */
static void signal_parent_later(void)
{
	const pid_t parent = getpid();

	if (fork() == 0) {
		do
			usleep(WAIT_US);
		while (kill(parent, SIGUSR1) == 0);
		_exit(0);
	}
}

static void wait_for_semaphore(void)
{
	sem_t semaphore;

	set_handler(SIGUSR1, catch);
	sem_init(&semaphore, 0, 0);
	signal_parent_later();
	_exit(sem_wait(&semaphore) == -1 && errno == EINTR && caught > 0 ? 0 : 1);
}

static void wait_for_semaphore_until(void)
{
	struct timespec deadline;
	sem_t semaphore;

	set_handler(SIGUSR1, catch);
	sem_init(&semaphore, 0, 0);
	clock_gettime(CLOCK_REALTIME, &deadline);
	deadline.tv_sec += 5;
	signal_parent_later();
	_exit(sem_timedwait(&semaphore, &deadline) == -1 && errno == EINTR ? 0 : 1);
}

/* After EINTR the semaphore is as it was. */
static void semaphore_after_signal(void)
{
	sem_t semaphore;
	int value;

	set_handler(SIGUSR1, catch);
	sem_init(&semaphore, 0, 0);
	signal_parent_later();
	sem_wait(&semaphore);
	sem_post(&semaphore);
	if (sem_wait(&semaphore) != 0)
		_exit(1);
	_exit(sem_getvalue(&semaphore, &value) == 0 && value == 0 ? 0 : 2);
}

/* A mutex is not given up for a signal. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void *hold_mutex(void *argument)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	pthread_mutex_lock(&mutex);
	caught_by = -1;
	usleep(4 * WAIT_US);
	pthread_mutex_unlock(&mutex);
	return argument;
}

static void mutex_and_signal(void)
{
	pthread_t thread;

	set_handler(SIGUSR1, catch);
	pthread_create(&thread, NULL, hold_mutex, NULL);
	while (caught_by != -1)
		sched_yield();
	signal_parent_later();
	_exit(pthread_mutex_lock(&mutex) == 0 && caught > 0 ? 0 : 1);
}

/* --- sigsuspend() ----------------------------------------------------------------------------- */

static volatile int suspended, back;

static void *suspend(void *argument)
{
	sigset_t none, now;

	mask(SIG_BLOCK, SIGUSR1);
	mask(SIG_BLOCK, SIGUSR2);
	sigemptyset(&none);
	suspended = 1;
	sigsuspend(&none);
	pthread_sigmask(SIG_BLOCK, NULL, &now);
	back = 1;
	_exit(sigismember(&now, SIGUSR1) == 1 && sigismember(&now, SIGUSR2) == 1 ? 0 : 1);
	return argument;
}

/* The signal that would end the wait comes to be ignored before the thread is there to see it. */
static void ignored_meanwhile(void)
{
	pthread_t thread;

	set_handler(SIGUSR1, catch);
	set_handler(SIGUSR2, catch);
	mask(SIG_BLOCK, SIGUSR1);
	mask(SIG_BLOCK, SIGUSR2);
	pthread_create(&thread, NULL, suspend, NULL);
	while (!suspended)
		sched_yield();
	usleep(WAIT_US);
	kill(getpid(), SIGUSR1);
	signal(SIGUSR1, SIG_IGN);
	usleep(WAIT_US);
	if (!back)
		kill(getpid(), SIGUSR2);
	pthread_join(thread, NULL);
}

/* --- the frame -------------------------------------------------------------------------------- */

static int kernel_addresses;

/* The program's own addresses and small numbers are below this or above the kernel's end. */
#define KERNEL_ADDRESS_MIN 0x00100000

/* From the signal's number up to where the stack was, which is below the 128 bytes of its red zone.
 */
static void look_at_frame(int signal)
{
	const uint32_t *frame;

	__asm__("" : "=r"(frame) : "0"(&signal)); /* what lies behind is no concern of C's */
	for (const uint32_t *word = frame + 1; word < frame + 17; word++)
		kernel_addresses += *word >= KERNEL_ADDRESS_MIN && *word < CASTLE_KERNEL_END;
}

static void frame_tells_nothing(void)
{
	set_handler(SIGUSR1, look_at_frame);
	raise(SIGUSR1);
	_exit(kernel_addresses);
}

/* The same when the signal ended a wait. */
static void frame_of_wait(void)
{
	set_handler(SIGUSR1, look_at_frame);
	signal_parent_later();
	pause();
	_exit(kernel_addresses);
}

static void test_often(void (*child)(void), const char *name)
{
	int good = 0, result = 0;

	for (int i = 0; i < ROUNDS && result == 0; i++) {
		result = guard_exit(child);
		good += result == 0;
	}
	ok(good == ROUNDS, "%s (round %d: %d)", name, good + 1, result);
}

int main(void)
{
	test_often(raise_in_thread, "raise() is to the thread that calls it");
	test_often(raise_blocked_in_thread, "even if it blocks the signal");
	test_often(sigpipe_in_thread, "SIGPIPE is to the thread that wrote");
	test_often(sigpipe_blocked_in_thread, "even if it blocks the signal");
	ok_is(guard_exit(wait_for_semaphore), 0, "a signal ends sem_wait(): EINTR");
	ok_is(guard_exit(wait_for_semaphore_until), 0, "and sem_timedwait()");
	ok_is(guard_exit(semaphore_after_signal), 0, "and leaves the semaphore as it was");
	ok_is(guard_exit(mutex_and_signal), 0, "but not pthread_mutex_lock()");
	test_often(ignored_meanwhile, "sigsuspend()'s mask goes with it");
	ok_is(guard_exit(frame_tells_nothing), 0, "a handler sees no address of the kernel's");
	ok_is(guard_exit(frame_of_wait), 0, "nor after a wait");
	return done_testing();
}
