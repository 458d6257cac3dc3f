/*
 * Condition variables. A waiter remembers the count of signals before it gives up the mutex and
 * waits while the count is what it was, so a signal in between is not lost. The kernel wakes in the
 * order of arrival, so a signal goes to a thread that waited when it was sent.
 */
#include <errno.h>
#include <pthread.h>
#include "futex.h"
#include "pshared.h"
#include "thread.h"

int pthread_cond_init(pthread_cond_t *condition, const pthread_condattr_t *attributes)
{
	*condition = (pthread_cond_t){
		.clock = attributes ? attributes->clock : CLOCK_REALTIME,
		.pshared = attributes ? attributes->pshared : PTHREAD_PROCESS_PRIVATE,
	};
	return 0;
}

int pthread_cond_destroy(pthread_cond_t *condition)
{
	return __atomic_load_n(&condition->waiters, __ATOMIC_RELAXED) ? EBUSY : 0;
}

/* Until there was a signal since `sequence`. Where processes share the condition, the thread looks.
 */
__attribute__((noinline)) static int look_for_signal(pthread_cond_t *condition, uint32_t sequence,
						     const struct timespec *deadline)
{
	int error = 0;

	while (!error && __atomic_load_n(&condition->sequence, __ATOMIC_ACQUIRE) == sequence)
		error = futex_wait_shared(&condition->sequence, sequence, condition->clock,
					  deadline);
	return error;
}

/* What a waiter waits for; its cleanup handlers run with the mutex held if it is cancelled (POSIX).
 */
struct wait {
	pthread_cond_t *condition;
	pthread_mutex_t *mutex;
};

/* A signal that this waiter has taken goes on to another one. */
static void leave_cancelled(void *argument)
{
	struct wait *wait = argument;

	__atomic_sub_fetch(&wait->condition->waiters, 1, __ATOMIC_RELAXED);
	pthread_cond_signal(wait->condition);
	pthread_mutex_lock(wait->mutex);
}

int pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex,
			   const struct timespec *deadline)
{
	uint32_t sequence = __atomic_load_n(&condition->sequence, __ATOMIC_RELAXED);
	struct _pthread_cleanup_context context;
	struct wait wait = { condition, mutex };
	int error, wait_error;

	__atomic_add_fetch(&condition->waiters, 1, __ATOMIC_SEQ_CST);
	error = pthread_mutex_unlock(mutex);
	if (error) {
		__atomic_sub_fetch(&condition->waiters, 1, __ATOMIC_RELAXED);
		return error;
	}
	_pthread_cleanup_push(&context, leave_cancelled, &wait);
	cancel_point_begin();
	if (condition->pshared)
		wait_error = look_for_signal(condition, sequence, deadline);
	else
		wait_error = futex_wait_until(&condition->sequence, sequence, condition->clock,
					      deadline);
	cancel_point_end();
	_pthread_cleanup_pop(&context, 0);
	__atomic_sub_fetch(&condition->waiters, 1, __ATOMIC_RELAXED);
	error = pthread_mutex_lock(mutex);
	return error ? error : wait_error;
}

int pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex)
{
	return pthread_cond_timedwait(condition, mutex, NULL);
}

/* Wakes at most `count` waiters; no call if there are none. */
static int wake(pthread_cond_t *condition, int count)
{
	if (!__atomic_load_n(&condition->waiters, __ATOMIC_SEQ_CST))
		return 0;
	__atomic_add_fetch(&condition->sequence, 1, __ATOMIC_SEQ_CST);
	futex_wake(&condition->sequence, count);
	return 0;
}

int pthread_cond_signal(pthread_cond_t *condition)
{
	return wake(condition, 1);
}

int pthread_cond_broadcast(pthread_cond_t *condition)
{
	return wake(condition, FUTEX_ALL);
}

int pthread_condattr_init(pthread_condattr_t *attributes)
{
	*attributes = (pthread_condattr_t){ .clock = CLOCK_REALTIME };
	return 0;
}

int pthread_condattr_setpshared(pthread_condattr_t *attributes, int pshared)
{
	return pshared_set(&attributes->pshared, pshared);
}

int pthread_condattr_getpshared(const pthread_condattr_t *attributes, int *pshared)
{
	*pshared = attributes->pshared;
	return 0;
}

int pthread_condattr_destroy(pthread_condattr_t *attributes)
{
	(void)attributes;
	return 0;
}

int pthread_condattr_setclock(pthread_condattr_t *attributes, clockid_t clock)
{
	if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)
		return EINVAL;
	attributes->clock = clock;
	return 0;
}

int pthread_condattr_getclock(const pthread_condattr_t *restrict attributes,
			      clockid_t *restrict clock)
{
	*clock = attributes->clock;
	return 0;
}
