/*
 * Barriers: the last thread to arrive starts a new round, which is what the others wait for.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include "futex.h"

int pthread_barrier_init(pthread_barrier_t *barrier, const pthread_barrierattr_t *attributes,
			 unsigned int count)
{
	(void)attributes;
	if (!count)
		return EINVAL;
	*barrier = (pthread_barrier_t){ .count = count };
	return 0;
}

/* A thread past the barrier may destroy it while others are still on their way out. */
int pthread_barrier_destroy(pthread_barrier_t *barrier)
{
	if (__atomic_load_n(&barrier->arrived, __ATOMIC_ACQUIRE))
		return EBUSY;
	while (__atomic_load_n(&barrier->leaving, __ATOMIC_ACQUIRE))
		sched_yield();
	return 0;
}

static int open_barrier(pthread_barrier_t *barrier)
{
	__atomic_store_n(&barrier->arrived, 0, __ATOMIC_RELAXED);
	__atomic_add_fetch(&barrier->leaving, barrier->count - 1, __ATOMIC_RELAXED);
	__atomic_add_fetch(&barrier->round, 1, __ATOMIC_RELEASE);
	if (barrier->count > 1)
		futex_wake(&barrier->round, FUTEX_ALL);
	return PTHREAD_BARRIER_SERIAL_THREAD;
}

int pthread_barrier_wait(pthread_barrier_t *barrier)
{
	uint32_t round = __atomic_load_n(&barrier->round, __ATOMIC_ACQUIRE);

	if (__atomic_add_fetch(&barrier->arrived, 1, __ATOMIC_ACQ_REL) == barrier->count)
		return open_barrier(barrier);
	while (__atomic_load_n(&barrier->round, __ATOMIC_ACQUIRE) == round)
		futex_wait(&barrier->round, round);
	__atomic_sub_fetch(&barrier->leaving, 1, __ATOMIC_RELEASE);
	return 0;
}

int pthread_barrierattr_init(pthread_barrierattr_t *attributes)
{
	attributes->pshared = PTHREAD_PROCESS_PRIVATE;
	return 0;
}

int pthread_barrierattr_destroy(pthread_barrierattr_t *attributes)
{
	(void)attributes;
	return 0;
}
