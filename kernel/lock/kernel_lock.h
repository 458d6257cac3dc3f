/*
 * The lock at the kernel's door. With one processor: there is none. In the giant-lock kernel: the
 * giant lock, which the entry code has taken. Where processors run the kernel at once there is
 * none, either: code takes locks of its own (kernel/lock/lock.h).
 */
#ifndef KERNEL_LOCK_KERNEL_LOCK_H
#define KERNEL_LOCK_KERNEL_LOCK_H

#include <stdbool.h>
#include "kernel/lock/domain.h"

#ifdef CASTLE_SMP
#include "kernel/smp/giant_lock.h"

/* Around the idle loop's wait: gives the kernel up, and takes it again. Any context. */
static inline void kernel_lock_release(void)
{
	giant_lock_release();
}

/* Any context, but not on a processor that has the lock. */
static inline void kernel_lock_acquire(void)
{
	giant_lock_acquire();
}

/* True once whoever is in the kernel proper must hold the lock. Any context. */
static inline bool kernel_lock_in_use(void)
{
	return giant_lock_used;
}

#else
static inline bool kernel_lock_in_use(void)
{
	return false;
}
#endif

#endif
