/*
 * Spin locks, for programs that have them. On one processor spinning cannot help, so a thread that
 * does not get the lock soon lets others run.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>

#define SPINS_BEFORE_YIELD 100

int pthread_spin_init(pthread_spinlock_t *lock, int pshared)
{
	(void)pshared;
	*lock = 0;
	return 0;
}

int pthread_spin_destroy(pthread_spinlock_t *lock)
{
	(void)lock;
	return 0;
}

int pthread_spin_trylock(pthread_spinlock_t *lock)
{
	return __atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE) ? EBUSY : 0;
}

int pthread_spin_lock(pthread_spinlock_t *lock)
{
	for (int spins = 1; pthread_spin_trylock(lock); spins++) {
		while (__atomic_load_n(lock, __ATOMIC_RELAXED) && spins++ % SPINS_BEFORE_YIELD)
			__builtin_ia32_pause();
		if (__atomic_load_n(lock, __ATOMIC_RELAXED))
			sched_yield();
	}
	return 0;
}

int pthread_spin_unlock(pthread_spinlock_t *lock)
{
	__atomic_store_n(lock, 0, __ATOMIC_RELEASE);
	return 0;
}
