/*
 * POSIX semaphores without names.
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
	(void)pshared;
	if (value > SEM_VALUE_MAX)
		return failure(EINVAL);
	*semaphore = (sem_t){ .value = value };
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

int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict deadline)
{
	int error = 0;

	if (take(semaphore))
		return 0;
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
