/*
 * Ticket locks (Mellor-Crummey and Scott, ACM TOCS 9(1), 1991, section 2.2): first come, first
 * served, so that no processor starves, and cheap when free. A queue lock would spare the waiters
 * traffic on the word `serving`, but costs more when it is free, which it mostly is (the benchmark
 * lockkinds compares them).
 *
 * Who has waited for long halts and is woken when it is its turn: on a machine whose processors are
 * threads of a host, the holder may need the very processor that the waiter spins on. First-level
 * interrupts are served while a processor waits, and must not touch what a lock protects.
 *
 * Contract of all functions here: Any context.
 */
#ifndef KERNEL_SMP_TICKET_H
#define KERNEL_SMP_TICKET_H

#include <stdbool.h>
#include <stdint.h>
#include "arch/ia32/cpulocal.h"

/* All zero: free. */
struct ticket_lock {
	volatile uint32_t next;    /* the ticket that the next to come will draw */
	volatile uint32_t serving; /* the ticket whose owner may hold the lock */
	volatile uint32_t halted;  /* processors that halt while they wait, a bit each */
};

/* True while this processor waits for a lock. */
extern CPU_LOCAL volatile bool ticket_waiting;

/* For how many cycles a processor spins before it had better halt; 0: for ever. */
uint32_t ticket_spin_limit(void);

/* Draws a ticket, which is this processor's to wait for. */
static inline uint32_t ticket_draw(struct ticket_lock *lock)
{
	return __atomic_fetch_add(&lock->next, 1, __ATOMIC_ACQUIRE);
}

/*
 * Waits until it is this ticket's turn, interrupts on, and charges the account, if it runs, with
 * the time. Interrupts are off before and after.
 */
void ticket_wait(struct ticket_lock *lock, uint32_t ticket);

/* After a release: wakes the processor whose turn it is, if it halts. */
void ticket_kick(struct ticket_lock *lock);

/* Gives the lock to the next; locked, since `halted` is read after it. */
static inline void ticket_pass(struct ticket_lock *lock)
{
	__atomic_fetch_add(&lock->serving, 1, __ATOMIC_SEQ_CST);
	if (lock->halted)
		ticket_kick(lock);
}

#endif
