/*
 * The locks that newlib takes around its shared data (uapps/newlib/include/sys/lock.h), over
 * futexes: one atomic instruction when nobody else holds the lock, a system call only to wait or to
 * wake.
 */
#include <sys/lock.h>
#include "futex_lock.h"
#include "thread.h"

void __castle_lock_init(_LOCK_T *lock)
{
	*lock = (_LOCK_T){ 0 };
}

void __castle_lock_acquire(_LOCK_T *lock)
{
	futex_lock(&lock->state);
}

int __castle_lock_try_acquire(_LOCK_T *lock)
{
	return !futex_trylock(&lock->state);
}

void __castle_lock_release(_LOCK_T *lock)
{
	futex_unlock(&lock->state);
}

/*
 * Reading the owner without holding the lock is safe: it can only be the caller if the caller
 * itself put it there.
 */
void __castle_lock_acquire_recursive(_LOCK_RECURSIVE_T *lock)
{
	void *self = thread_self();

	if (__atomic_load_n(&lock->owner, __ATOMIC_RELAXED) != self) {
		futex_lock(&lock->state);
		__atomic_store_n(&lock->owner, self, __ATOMIC_RELAXED);
	}
	lock->depth++;
}

int __castle_lock_try_acquire_recursive(_LOCK_RECURSIVE_T *lock)
{
	void *self = thread_self();

	if (__atomic_load_n(&lock->owner, __ATOMIC_RELAXED) != self) {
		if (!futex_trylock(&lock->state))
			return -1;
		__atomic_store_n(&lock->owner, self, __ATOMIC_RELAXED);
	}
	lock->depth++;
	return 0;
}

void __castle_lock_release_recursive(_LOCK_RECURSIVE_T *lock)
{
	if (--lock->depth)
		return;
	__atomic_store_n(&lock->owner, NULL, __ATOMIC_RELAXED);
	futex_unlock(&lock->state);
}
