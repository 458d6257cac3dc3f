/*
 * Who may touch the kernel's data. With one processor: whoever runs. In the giant-lock kernel: the
 * processor that holds the lock, which the entry code has taken.
 */
#ifndef KERNEL_LOCK_KERNEL_LOCK_H
#define KERNEL_LOCK_KERNEL_LOCK_H

#include <stdbool.h>
#include "kernel/lock/domain.h"

#ifdef CASTLE_SMP
#include "kernel/smp/giant_lock.h"

/*
 * At a kernel entry from the kernel itself; the lock is recursive. Caller holds nothing (or the
 * same lock).
 */
static inline void kernel_lock_acquire(void)
{
	giant_lock_acquire();
}

/* Caller holds kernel. */
static inline void kernel_lock_release(void)
{
	giant_lock_release();
}

/* True once whoever is in the kernel proper must hold the lock. Any context. */
static inline bool kernel_lock_in_use(void)
{
	return giant_lock_used;
}

#else
static inline void kernel_lock_acquire(void)
{
}

static inline void kernel_lock_release(void)
{
}

static inline bool kernel_lock_in_use(void)
{
	return false;
}
#endif

#endif
