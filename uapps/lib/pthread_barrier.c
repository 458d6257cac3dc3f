/*
 * Barriers: the last thread to arrive starts a new round, which is what the others wait for. Where
 * each thread can have a processor of its own they first look for a while, since the last one is
 * likely to come sooner than a sleeping thread could be woken; otherwise they would only keep it
 * from running.
 */
#include <castle/castle.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include "futex.h"
#include "pshared.h"

int pthread_barrier_init(pthread_barrier_t *barrier, const pthread_barrierattr_t *attributes,
			 unsigned int count)
{
	if (!count)
		return EINVAL;
	*barrier = (pthread_barrier_t){
		.count = count,
		.spin = count <= castle_program_cpus(),
		.pshared = attributes ? attributes->pshared : PTHREAD_PROCESS_PRIVATE,
	};
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

/* Either this sees that a waiter goes to sleep, or the waiter sees the new round and does not. */
static void open_barrier(pthread_barrier_t *barrier)
{
	__atomic_store_n(&barrier->arrived, 0, __ATOMIC_RELAXED);
	__atomic_add_fetch(&barrier->leaving, barrier->count, __ATOMIC_RELAXED);
	__atomic_add_fetch(&barrier->round, 1, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&barrier->sleeping, __ATOMIC_SEQ_CST))
		futex_wake(&barrier->round, FUTEX_ALL);
}

static void sleep_through(pthread_barrier_t *barrier, uint32_t round)
{
	__atomic_add_fetch(&barrier->sleeping, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&barrier->round, __ATOMIC_ACQUIRE) == round)
		if (barrier->pshared)
			futex_wait_shared(&barrier->round, round, CLOCK_REALTIME, NULL);
		else
			futex_wait(&barrier->round, round);
	__atomic_sub_fetch(&barrier->sleeping, 1, __ATOMIC_RELAXED);
}

int pthread_barrier_wait(pthread_barrier_t *barrier)
{
	const uint32_t round = __atomic_load_n(&barrier->round, __ATOMIC_ACQUIRE);
	const bool last =
		__atomic_add_fetch(&barrier->arrived, 1, __ATOMIC_ACQ_REL) == barrier->count;

	if (last)
		open_barrier(barrier);
	else if (!barrier->spin || !futex_spin(&barrier->round, round))
		sleep_through(barrier, round);
	__atomic_sub_fetch(&barrier->leaving, 1, __ATOMIC_RELEASE);
	return last ? PTHREAD_BARRIER_SERIAL_THREAD : 0;
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

int pthread_barrierattr_setpshared(pthread_barrierattr_t *attributes, int pshared)
{
	return pshared_set(&attributes->pshared, pshared);
}

int pthread_barrierattr_getpshared(const pthread_barrierattr_t *attributes, int *pshared)
{
	*pshared = attributes->pshared;
	return 0;
}
