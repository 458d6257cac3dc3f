/*
 * Robust mutexes: a thread keeps a list of those that it holds, and hands them on when it ends
 * (POSIX.1-2017, pthread_mutexattr_getrobust()). Of a mutex that processes share, those who wait
 * for it look whether its owner's process is there.
 *
 * Inheritance of priorities needs no more than to be accepted: all threads of a process have the
 * same priority, which is the process's and stays so (castle/abi.h, struct castle_spawn), so
 * whoever waits for a mutex has the priority of its owner. Processes differ in that, so a mutex
 * that they share cannot be one that inherits.
 */
#include "pthread_robust.h"

#include <errno.h>
#include <castle/castle.h>
#include "futex_lock.h"
#include "thread.h"

int robust_taken(pthread_mutex_t *mutex)
{
	struct __castle_thread *self = thread_self();

	if (mutex->type & MUTEX_UNRECOVERABLE)
		return ENOTRECOVERABLE;
	mutex->next_held = self->robust_held;
	self->robust_held = mutex;
	return mutex->type & MUTEX_INCONSISTENT ? EOWNERDEAD : 0;
}

void robust_given(pthread_mutex_t *mutex)
{
	pthread_mutex_t **place = &thread_self()->robust_held;

	while (*place != mutex)
		place = &(*place)->next_held;
	*place = mutex->next_held;
	if (mutex->type & MUTEX_INCONSISTENT)
		mutex->type |= MUTEX_UNRECOVERABLE;
}

void robust_thread_ends(void)
{
	struct __castle_thread *self = thread_self();
	pthread_mutex_t *mutex;

	while ((mutex = self->robust_held)) {
		self->robust_held = mutex->next_held;
		mutex->type |= MUTEX_INCONSISTENT;
		__atomic_store_n(&mutex->owner, NULL, __ATOMIC_RELAXED);
		futex_unlock(&mutex->state);
	}
}

/* A process that nobody has waited for is still there, and its mutexes stay held so long. */
void robust_look_after(pthread_mutex_t *mutex)
{
	const int pid = __atomic_load_n(&mutex->owner_pid, __ATOMIC_RELAXED);

	if (!pid || castle_call2(CASTLE_CALL_kill, pid, 0) != -ESRCH ||
	    !__atomic_compare_exchange_n(&mutex->owner_pid, &(int){ pid }, 0, false,
					 __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
		return;
	mutex->type |= MUTEX_INCONSISTENT;
	__atomic_store_n(&mutex->owner, NULL, __ATOMIC_RELAXED);
	__atomic_store_n(&mutex->state, 0, __ATOMIC_RELEASE);
}

int pthread_mutex_consistent(pthread_mutex_t *mutex)
{
	if (!(mutex->type & MUTEX_INCONSISTENT) || mutex->owner != thread_self())
		return EINVAL;
	mutex->type &= ~MUTEX_INCONSISTENT;
	return 0;
}

static int attribute_set(pthread_mutexattr_t *attributes, int flag, bool on)
{
	attributes->type = on ? attributes->type | flag : attributes->type & ~flag;
	return 0;
}

int pthread_mutexattr_setrobust(pthread_mutexattr_t *attributes, int robust)
{
	if (robust != PTHREAD_MUTEX_STALLED && robust != PTHREAD_MUTEX_ROBUST)
		return EINVAL;
	return attribute_set(attributes, MUTEX_ROBUST, robust == PTHREAD_MUTEX_ROBUST);
}

int pthread_mutexattr_getrobust(const pthread_mutexattr_t *attributes, int *robust)
{
	*robust = attributes->type & MUTEX_ROBUST ? PTHREAD_MUTEX_ROBUST : PTHREAD_MUTEX_STALLED;
	return 0;
}

int pthread_mutexattr_setprotocol(pthread_mutexattr_t *attributes, int protocol)
{
	if (protocol == PTHREAD_PRIO_PROTECT)
		return ENOTSUP;
	if (protocol != PTHREAD_PRIO_NONE && protocol != PTHREAD_PRIO_INHERIT)
		return EINVAL;
	return attribute_set(attributes, MUTEX_INHERITS, protocol == PTHREAD_PRIO_INHERIT);
}

int pthread_mutexattr_getprotocol(const pthread_mutexattr_t *attributes, int *protocol)
{
	*protocol = attributes->type & MUTEX_INHERITS ? PTHREAD_PRIO_INHERIT : PTHREAD_PRIO_NONE;
	return 0;
}

int pthread_mutexattr_setpshared(pthread_mutexattr_t *attributes, int pshared)
{
	if (pshared != PTHREAD_PROCESS_PRIVATE && pshared != PTHREAD_PROCESS_SHARED)
		return EINVAL;
	return attribute_set(attributes, MUTEX_SHARED, pshared == PTHREAD_PROCESS_SHARED);
}

int pthread_mutexattr_getpshared(const pthread_mutexattr_t *attributes, int *pshared)
{
	*pshared =
		attributes->type & MUTEX_SHARED ? PTHREAD_PROCESS_SHARED : PTHREAD_PROCESS_PRIVATE;
	return 0;
}
