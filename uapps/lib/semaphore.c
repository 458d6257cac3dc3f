/*
 * POSIX semaphores: a number, and a futex for those who wait. Futexes are a process's own, so where
 * processes share a semaphore, they look at it again on each tick.
 */
#include <errno.h>
#include <limits.h>
#include <semaphore.h>
#include <stdbool.h>
#include "futex.h"
#include "result.h"
#include "thread.h"

int sem_init(sem_t *semaphore, int pshared, unsigned int value)
{
	if (value > SEM_VALUE_MAX)
		return failure(EINVAL);
	*semaphore = (sem_t){ .value = value, .shared = pshared != 0 };
	return 0;
}

int sem_destroy(sem_t *semaphore)
{
	(void)semaphore;
	return 0;
}

static bool take(sem_t *semaphore)
{
	uint32_t value = __atomic_load_n(&semaphore->value, __ATOMIC_SEQ_CST);

	while (value)
		if (__atomic_compare_exchange_n(&semaphore->value, &value, value - 1, false,
						__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
			return true;
	return false;
}

int sem_trywait(sem_t *semaphore)
{
	return take(semaphore) ? 0 : failure(EAGAIN);
}

#define TICK_NANOSECONDS 10000000

/* Sleeps a tick. 0; ETIMEDOUT after the deadline, EINTR. */
static int wait_tick(const struct timespec *deadline)
{
	struct timespec now, tick = { 0, TICK_NANOSECONDS };

	if (deadline) {
		if (deadline->tv_nsec < 0 || deadline->tv_nsec >= 1000000000)
			return EINVAL;
		clock_gettime(CLOCK_REALTIME, &now);
		if (now.tv_sec > deadline->tv_sec ||
		    (now.tv_sec == deadline->tv_sec && now.tv_nsec >= deadline->tv_nsec))
			return ETIMEDOUT;
	}
	return nanosleep(&tick, NULL) ? errno : 0;
}

static int wait_shared(sem_t *semaphore, const struct timespec *deadline)
{
	int error = 0;

	while (!error && !take(semaphore))
		error = wait_tick(deadline);
	return error ? failure(error) : 0;
}

int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict deadline)
{
	int error = 0;

	if (take(semaphore))
		return 0;
	if (semaphore->shared)
		return wait_shared(semaphore, deadline);
	__atomic_add_fetch(&semaphore->waiters, 1, __ATOMIC_SEQ_CST);
	while (!error && !take(semaphore)) {
		cancel_point_begin();
		error = futex_wait_interruptible(&semaphore->value, 0, CLOCK_REALTIME, deadline);
		cancel_point_end();
	}
	__atomic_sub_fetch(&semaphore->waiters, 1, __ATOMIC_SEQ_CST);
	return error ? failure(error) : 0;
}

int sem_wait(sem_t *semaphore)
{
	return sem_timedwait(semaphore, NULL);
}

int sem_post(sem_t *semaphore)
{
	uint32_t value = __atomic_load_n(&semaphore->value, __ATOMIC_RELAXED);

	do {
		if (value == SEM_VALUE_MAX)
			return failure(EOVERFLOW);
	} while (!__atomic_compare_exchange_n(&semaphore->value, &value, value + 1, false,
					      __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
	if (__atomic_load_n(&semaphore->waiters, __ATOMIC_SEQ_CST))
		futex_wake(&semaphore->value, 1);
	return 0;
}

int sem_getvalue(sem_t *restrict semaphore, int *restrict value)
{
	*value = __atomic_load_n(&semaphore->value, __ATOMIC_RELAXED);
	return 0;
}
