/*
 * Read-write locks. A waiting writer keeps new readers out. Whoever must wait remembers the count
 * of releases before it looks at the lock and waits while the count is what it was.
 */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include "futex.h"
#include "pshared.h"

#define ONE_WRITER UINT32_MAX

int pthread_rwlock_init(pthread_rwlock_t *lock, const pthread_rwlockattr_t *attributes)
{
	*lock = (pthread_rwlock_t){
		.pshared = attributes ? attributes->pshared : PTHREAD_PROCESS_PRIVATE,
	};
	return 0;
}

int pthread_rwlock_destroy(pthread_rwlock_t *lock)
{
	return lock->state ? EBUSY : 0;
}

static bool try_read(pthread_rwlock_t *lock)
{
	uint32_t state = __atomic_load_n(&lock->state, __ATOMIC_SEQ_CST);

	while (state < ONE_WRITER - 1 && !__atomic_load_n(&lock->writers, __ATOMIC_SEQ_CST))
		if (__atomic_compare_exchange_n(&lock->state, &state, state + 1, false,
						__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
			return true;
	return false;
}

static bool try_write(pthread_rwlock_t *lock)
{
	uint32_t free = 0;

	return __atomic_compare_exchange_n(&lock->state, &free, ONE_WRITER, false, __ATOMIC_SEQ_CST,
					   __ATOMIC_SEQ_CST);
}

/* Retries `attempt` after each release until it succeeds or the deadline, if any, has come. */
static int wait_for(pthread_rwlock_t *lock, bool (*attempt)(pthread_rwlock_t *),
		    const struct timespec *deadline)
{
	int error = 0;

	__atomic_add_fetch(&lock->waiters, 1, __ATOMIC_SEQ_CST);
	while (!error) {
		uint32_t sequence = __atomic_load_n(&lock->sequence, __ATOMIC_SEQ_CST);

		if (attempt(lock))
			break;
		if (lock->pshared)
			error = futex_wait_shared(&lock->sequence, sequence, CLOCK_REALTIME,
						  deadline);
		else
			error = futex_wait_until(&lock->sequence, sequence, CLOCK_REALTIME,
						 deadline);
	}
	__atomic_sub_fetch(&lock->waiters, 1, __ATOMIC_SEQ_CST);
	return error;
}

static void wake_waiters(pthread_rwlock_t *lock)
{
	__atomic_add_fetch(&lock->sequence, 1, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&lock->waiters, __ATOMIC_SEQ_CST))
		futex_wake(&lock->sequence, FUTEX_ALL);
}

int pthread_rwlock_tryrdlock(pthread_rwlock_t *lock)
{
	return try_read(lock) ? 0 : EBUSY;
}

int pthread_rwlock_timedrdlock(pthread_rwlock_t *lock, const struct timespec *deadline)
{
	return try_read(lock) ? 0 : wait_for(lock, try_read, deadline);
}

int pthread_rwlock_rdlock(pthread_rwlock_t *lock)
{
	return pthread_rwlock_timedrdlock(lock, NULL);
}

int pthread_rwlock_trywrlock(pthread_rwlock_t *lock)
{
	return try_write(lock) ? 0 : EBUSY;
}

/* Readers that a writer kept out must have another look when it gives up. */
int pthread_rwlock_timedwrlock(pthread_rwlock_t *lock, const struct timespec *deadline)
{
	int error;

	if (try_write(lock))
		return 0;
	__atomic_add_fetch(&lock->writers, 1, __ATOMIC_SEQ_CST);
	error = wait_for(lock, try_write, deadline);
	__atomic_sub_fetch(&lock->writers, 1, __ATOMIC_SEQ_CST);
	if (error)
		wake_waiters(lock);
	return error;
}

int pthread_rwlock_wrlock(pthread_rwlock_t *lock)
{
	return pthread_rwlock_timedwrlock(lock, NULL);
}

int pthread_rwlock_unlock(pthread_rwlock_t *lock)
{
	uint32_t left = 0;

	if (__atomic_load_n(&lock->state, __ATOMIC_RELAXED) == ONE_WRITER)
		__atomic_store_n(&lock->state, 0, __ATOMIC_SEQ_CST);
	else
		left = __atomic_sub_fetch(&lock->state, 1, __ATOMIC_SEQ_CST);
	if (!left)
		wake_waiters(lock);
	return 0;
}

int pthread_rwlockattr_init(pthread_rwlockattr_t *attributes)
{
	attributes->pshared = PTHREAD_PROCESS_PRIVATE;
	return 0;
}

int pthread_rwlockattr_destroy(pthread_rwlockattr_t *attributes)
{
	(void)attributes;
	return 0;
}

int pthread_rwlockattr_setpshared(pthread_rwlockattr_t *attributes, int pshared)
{
	return pshared_set(&attributes->pshared, pshared);
}

int pthread_rwlockattr_getpshared(const pthread_rwlockattr_t *attributes, int *pshared)
{
	*pshared = attributes->pshared;
	return 0;
}
