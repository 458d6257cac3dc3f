/*
 * The lock of what a processor keeps for itself. Nobody else takes it but to get back what is kept,
 * once memory is short; so it is laid out for who comes first: an exchange, and a store to give it
 * up. Nobody halts who waits for it, and nothing is counted.
 *
 * Contract of all functions here: Any context, not in a first-level handler.
 */
#ifndef KERNEL_SMP_OWN_LOCK_H
#define KERNEL_SMP_OWN_LOCK_H

#include "arch/ia32/cpu.h"
#include "kernel/debug/lock_order.h"
#include "kernel/lock/lock.h"

/* All zero: free. */
struct own_lock {
	volatile uint32_t taken;
};

/* Takes the lock, of `domain`, which this processor does not hold. */
static inline void own_lock_take(struct own_lock *lock, enum lock_domain domain)
{
	(void)domain;
	lock_order_acquire(lock_domain_class(domain), lock);
	while (__builtin_expect(__atomic_exchange_n(&lock->taken, 1, __ATOMIC_ACQUIRE), 0))
		cpu_pause();
}

/* Gives it up. */
static inline void own_lock_give(struct own_lock *lock, enum lock_domain domain)
{
	(void)domain;
	lock_order_release(lock_domain_class(domain), lock);
	__atomic_store_n(&lock->taken, 0, __ATOMIC_RELEASE);
}

#endif
