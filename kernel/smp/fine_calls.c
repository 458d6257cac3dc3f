/*
 * Calls that are under one object's lock as a whole, where objects have locks (Section 2.3.3). All
 * others take the locks of what they come by, one after the other.
 */
#include "kernel/calls/numbers.h"
#include "kernel/lock/lock.h"
#include "kernel/sched/futex.h"
#include "kernel/sched/thread.h"

static int32_t futex_wait_own(uint32_t word, uint32_t expected, uint32_t timeout)
{
	return lock_around(futex, futex_lock(current_thread->container, word),
			   sys_futex_wait(word, expected, timeout));
}

static int32_t futex_wake_own(uint32_t word, uint32_t count)
{
	return lock_around(futex, futex_lock(current_thread->container, word),
			   sys_futex_wake(word, count));
}

LOCK_POINTER(call_table[NUMBER_futex_wait], futex_wait_own, futex);
LOCK_POINTER(call_table[NUMBER_futex_wake], futex_wake_own, futex);
