/*
 * The lock of the application kernel, its own (Section 4.3.5: "locks the application kernel ready
 * queue"): the domain `application`. It guards the states of application threads, the ready queue,
 * the set of idle processors, the sleepers and the queue of messages. Held for some tens of
 * instructions, with interrupts off on application processors; on the boot processor no interrupt
 * handler takes it. Nothing else is taken while it is held.
 */
#ifndef KERNEL_APPKERN_LOCK_H
#define KERNEL_APPKERN_LOCK_H

#include <stdint.h>
#include "kernel/appkern/castle/native.h"
#include "kernel/appkern/ia32/machine.h"

extern volatile uint32_t application_lock_taken;
extern struct lock_class application_lock_class;

/* On any processor. Caller holds nothing (of a higher rank). */
static inline void application_lock(void)
{
	lock_order_acquire(&application_lock_class, &application_lock_taken);
	while (__atomic_exchange_n(&application_lock_taken, 1, __ATOMIC_ACQUIRE))
		while (application_lock_taken)
			cpu_pause();
}

/* Caller holds application. */
static inline void application_unlock(void)
{
	assert_held(application);
	lock_order_release(&application_lock_class, &application_lock_taken);
	__atomic_store_n(&application_lock_taken, 0, __ATOMIC_RELEASE);
}

#endif
