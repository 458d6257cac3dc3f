/*
 * Cancellation. pthread_cancel() marks the thread and sends it a signal of the library's own. Its
 * handler ends the thread if it is in a call that is a cancellation point, or if it wants to end at
 * any time; otherwise the next such call does.
 *
 * Points are the calls that wait: those that restartable() makes (read, write, wait), sleeping,
 * sigsuspend(), pthread_join(), condition variables and semaphores; and pthread_testcancel().
 */
#include <pthread.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include "result.h"
#include "thread.h"

/* Exists in newlib alone, where nothing sends it; programs from elsewhere do not know it. */
#define CANCEL_SIGNAL SIGEMT

/* Ends the calling thread, unless it does not want that now. */
static void cancel_self(void)
{
	struct __castle_thread *self = thread_self();

	if (self->cancel_state == PTHREAD_CANCEL_DISABLE)
		return;
	__atomic_store_n(&self->at_cancel_point, 0, __ATOMIC_RELAXED);
	pthread_exit(PTHREAD_CANCELED);
}

static void cancel_arrives(int signal)
{
	struct __castle_thread *self = thread_self();

	(void)signal;
	if (__atomic_load_n(&self->at_cancel_point, __ATOMIC_RELAXED) ||
	    self->cancel_type == PTHREAD_CANCEL_ASYNCHRONOUS)
		pthread_testcancel();
}

int pthread_kill(pthread_t thread, int signal)
{
	/* One that has ended has no number any more: that is no error (POSIX.1-2017, and as
	 * elsewhere). */
	const int result = castle_call2(CASTLE_CALL_thread_kill, thread->tid, signal);

	return result == -ESRCH ? 0 : -result;
}

int pthread_cancel(pthread_t thread)
{
	const struct sigaction action = { .sa_handler = cancel_arrives, .sa_flags = SA_RESTART };

	__atomic_store_n(&thread->cancel, cancel_self, __ATOMIC_SEQ_CST);
	if (thread == thread_self()) {
		if (thread->cancel_type == PTHREAD_CANCEL_ASYNCHRONOUS)
			cancel_self();
		return 0;
	}
	if (sigaction(CANCEL_SIGNAL, &action, NULL))
		return errno;
	return pthread_kill(thread, CANCEL_SIGNAL);
}
