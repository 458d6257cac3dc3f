/*
 * Who may touch the kernel's data. With one processor: whoever runs. In the giant-lock kernel: the
 * processor that holds the lock, which the entry code has taken.
 */
#ifndef KERNEL_LOCK_KERNEL_LOCK_H
#define KERNEL_LOCK_KERNEL_LOCK_H

#ifdef CASTLE_SMP
#include "kernel/lib/assert.h"
#include "kernel/smp/giant_lock.h"

/* At a kernel entry from the kernel itself; the lock is recursive. */
static inline void kernel_lock_acquire(void)
{
	giant_lock_acquire();
}

static inline void kernel_lock_release(void)
{
	giant_lock_release();
}

/* The caller touches what the lock protects. */
#define assert_kernel_locked() assert(giant_lock_is_mine())

#else
static inline void kernel_lock_acquire(void)
{
}

static inline void kernel_lock_release(void)
{
}

#define assert_kernel_locked() ((void)0)
#endif

#endif
