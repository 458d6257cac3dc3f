/*
 * Mutexes. A normal one is a lock word and nothing else; recursive and error-checking ones also
 * know their owner.
 */
#include <errno.h>
#include <pthread.h>
#include <unistd.h>
#include "futex_lock.h"
#include "pthread_robust.h"
#include "thread.h"

int pthread_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attributes)
{
	if (attributes && (attributes->type & MUTEX_SHARED) && (attributes->type & MUTEX_INHERITS))
		return ENOTSUP;
	*mutex = (pthread_mutex_t){ .type = attributes ? attributes->type : PTHREAD_MUTEX_DEFAULT };
	return 0;
}

int pthread_mutex_destroy(pthread_mutex_t *mutex)
{
	return mutex->state ? EBUSY : 0;
}

/*
 * Only the caller itself can have stored itself there, so no lock is needed to ask. Threads of two
 * processes may have the same name.
 */
static bool owned(pthread_mutex_t *mutex)
{
	return __atomic_load_n(&mutex->owner, __ATOMIC_RELAXED) == thread_self() &&
	       (!(mutex->type & MUTEX_SHARED) ||
		__atomic_load_n(&mutex->owner_pid, __ATOMIC_RELAXED) == getpid());
}

static void set_owner(pthread_mutex_t *mutex, struct __castle_thread *owner)
{
	__atomic_store_n(&mutex->owner, owner, __ATOMIC_RELAXED);
	if (mutex->type & MUTEX_SHARED)
		__atomic_store_n(&mutex->owner_pid, owner ? getpid() : 0, __ATOMIC_RELAXED);
}

/* Others may hold it that no wake-up reaches. */
static int lock_shared(pthread_mutex_t *mutex, const struct timespec *deadline)
{
	int error = 0;

	while (!error && !futex_trylock(&mutex->state)) {
		if (mutex->type & MUTEX_ROBUST)
			robust_look_after(mutex);
		error = futex_wait_shared(&mutex->state, 1, CLOCK_REALTIME, deadline);
	}
	return error;
}

/* Locking what the caller has locked already: counted, or refused with `error`. */
static int lock_again(pthread_mutex_t *mutex, int error)
{
	if ((mutex->type & MUTEX_TYPES) != PTHREAD_MUTEX_RECURSIVE)
		return error;
	if (mutex->depth == UINT32_MAX)
		return EAGAIN;
	mutex->depth++;
	return 0;
}

/* The lock is the caller's: so is the mutex, but for one that nobody can make good any more. */
static int lock_taken(pthread_mutex_t *mutex)
{
	int error = 0;

	set_owner(mutex, thread_self());
	mutex->depth = 1;
	if (mutex->type & MUTEX_ROBUST)
		error = robust_taken(mutex);
	if (error == ENOTRECOVERABLE) {
		set_owner(mutex, NULL);
		futex_unlock(&mutex->state);
	}
	return error;
}

__attribute__((noinline)) static int lock_owned_type(pthread_mutex_t *mutex,
						     const struct timespec *deadline)
{
	int error;

	if (owned(mutex))
		return lock_again(mutex, EDEADLK);
	if (!futex_trylock(&mutex->state)) {
		error = mutex->type & MUTEX_SHARED
				? lock_shared(mutex, deadline)
				: futex_lock_slow(&mutex->state, CLOCK_REALTIME, deadline);
		if (error)
			return error;
	}
	return lock_taken(mutex);
}

int pthread_mutex_timedlock(pthread_mutex_t *mutex, const struct timespec *deadline)
{
	if (mutex->type != PTHREAD_MUTEX_NORMAL)
		return lock_owned_type(mutex, deadline);
	if (futex_trylock(&mutex->state))
		return 0;
	return futex_lock_slow(&mutex->state, CLOCK_REALTIME, deadline);
}

int pthread_mutex_lock(pthread_mutex_t *mutex)
{
	return pthread_mutex_timedlock(mutex, NULL);
}

int pthread_mutex_trylock(pthread_mutex_t *mutex)
{
	if (mutex->type != PTHREAD_MUTEX_NORMAL && owned(mutex))
		return lock_again(mutex, EBUSY);
	if (!futex_trylock(&mutex->state))
		return EBUSY;
	return mutex->type == PTHREAD_MUTEX_NORMAL ? 0 : lock_taken(mutex);
}

__attribute__((noinline)) static int unlock_owned_type(pthread_mutex_t *mutex)
{
	if (!owned(mutex))
		return EPERM;
	if (--mutex->depth)
		return 0;
	if (mutex->type & MUTEX_ROBUST)
		robust_given(mutex);
	set_owner(mutex, NULL);
	futex_unlock(&mutex->state);
	return 0;
}

int pthread_mutex_unlock(pthread_mutex_t *mutex)
{
	if (mutex->type != PTHREAD_MUTEX_NORMAL)
		return unlock_owned_type(mutex);
	futex_unlock(&mutex->state);
	return 0;
}

int pthread_mutexattr_init(pthread_mutexattr_t *attributes)
{
	attributes->type = PTHREAD_MUTEX_DEFAULT;
	return 0;
}

int pthread_mutexattr_destroy(pthread_mutexattr_t *attributes)
{
	(void)attributes;
	return 0;
}

int pthread_mutexattr_settype(pthread_mutexattr_t *attributes, int type)
{
	if (type < PTHREAD_MUTEX_NORMAL || type > PTHREAD_MUTEX_ERRORCHECK)
		return EINVAL;
	attributes->type = (attributes->type & ~MUTEX_TYPES) | type;
	return 0;
}

int pthread_mutexattr_gettype(const pthread_mutexattr_t *attributes, int *type)
{
	*type = attributes->type & MUTEX_TYPES;
	return 0;
}
