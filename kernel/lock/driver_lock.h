/*
 * The lock of a driver: what its operations hold, and its second level takes. Drivers that share
 * something share it. In organisations in which drivers have no locks it is the giant lock, or
 * nothing.
 */
#ifndef KERNEL_LOCK_DRIVER_LOCK_H
#define KERNEL_LOCK_DRIVER_LOCK_H

#include "kernel/lock/lock.h"

struct driver_lock {
	LOCK_MEMBER(lock);
};

/* Takes it, which the caller does not hold. Any context, not at first level. */
static inline void driver_enter(struct driver_lock *lock)
{
	(void)lock;
	kernel_enter();
	lock_acquire(driver, &lock->lock);
}

/* Gives it up. Caller holds driver. */
static inline void driver_leave(struct driver_lock *lock)
{
	(void)lock;
	assert_held(driver);
	lock_release(driver, &lock->lock);
	kernel_leave();
}

#endif
