/*
 * Locks in the code. What touches shared data says so, by domain and lock, at the finest grain that
 * any organisation uses; the organisation that runs says which domains have locks (its member
 * `locks`), and what belongs to all others is patched away at boot:
 *
 *	lock_acquire(container, &container->lock);
 *	...
 *	lock_release(container, &container->lock);
 *
 * (lock_acquire_if() and lock_release_if() where others may not know of the data at all.)
 *
 * Each of the two is a no-operation in an organisation that does not use it. Where that were one
 *too many, on ways that are short, a function has a second form that takes locks, and takes its
 *place (LOCK_FUNCTION), or a table names it (LOCK_POINTER): then nothing at all is left of them. In
 *the uniprocessor kernel there is nothing to patch.
 *
 * The domain `kernel` has the giant lock, which is recursive, as code that is under it calls, by
 * tables of operations, other code that asks for it: kernel_enter() and kernel_leave(). So has the
 * domain `tasks`, where processes have no locks of their own: tasks_enter() and tasks_leave().
 *
 * Contract of all functions here: Any context (not in a first-level handler).
 */
#ifndef KERNEL_LOCK_LOCK_H
#define KERNEL_LOCK_LOCK_H

#include <stdbool.h>
#include "kernel/lock/domain.h"

#ifdef CASTLE_SMP
#include "kernel/smp/lock.h"
#else
#define LOCK_MEMBER(name)                                    _Static_assert(1, "no locks")
#define LOCK_FREE_MEMBER(type, name)                         _Static_assert(1, "no other processors")
#define LOCK_FUNCTION(function, other, domain)               struct lock_absent
#define LOCK_FUNCTION_UNLESS(function, other, domain, finer) struct lock_absent
#define LOCK_FREE_FUNCTION(function, other)                  struct lock_absent
#define LOCK_POINTER(place, other, domain)                   struct lock_absent
#define LOCK_REPLACED
#define LOCK_BIT(domain)                         0u
#define LOCK_FREE_BIT                            0u
#define lock_is_used(domains)                    false
#define LOCK_PREFIX                              ""
#define lock_acquire(domain, lock)               ((void)0)
#define lock_release(domain, lock)               ((void)0)
#define lock_acquire_if(domain, lock, condition) ((void)(condition))
#define lock_release_if(domain, lock, condition) ((void)(condition))
#define locks_choose(organisation)               ((void)0)

static inline void kernel_enter(void)
{
}

static inline void kernel_leave(void)
{
}

static inline void tasks_enter(void)
{
}

static inline void tasks_leave(void)
{
}

/* True in organisations in which several processors run the kernel at once. */
static inline bool kernel_overlaps(void)
{
	return false;
}
#endif

#endif
