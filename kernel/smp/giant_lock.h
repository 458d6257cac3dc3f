/*
 * The giant lock (Section 3.3.1): held by at most one processor, the one that runs kernel code.
 * Taken on kernel entry and released on exit by arch/ia32/smp/entry_locked.inc, and by the idle
 * loop.
 *
 * It is a ticket lock (kernel/smp/ticket.h).
 */
#ifndef KERNEL_SMP_GIANT_LOCK_H
#define KERNEL_SMP_GIANT_LOCK_H

#define GIANT_LOCK_NEXT    0
#define GIANT_LOCK_SERVING 4
#define GIANT_LOCK_HALTED  8

#ifndef __ASSEMBLER__
#include <stdbool.h>
#include <stdint.h>
#include "arch/ia32/cpulocal.h"
#include "kernel/debug/lock_order.h"
#include "kernel/smp/ticket.h"

_Static_assert(__builtin_offsetof(struct ticket_lock, next) == GIANT_LOCK_NEXT, "next");
_Static_assert(__builtin_offsetof(struct ticket_lock, serving) == GIANT_LOCK_SERVING, "serving");
_Static_assert(__builtin_offsetof(struct ticket_lock, halted) == GIANT_LOCK_HALTED, "halted");

extern struct ticket_lock giant_lock;
extern struct lock_class giant_lock_class;

/* The ticket by which this processor holds the lock, or has held it last. */
extern CPU_LOCAL uint32_t giant_lock_ticket;

/* That of a processor that has not come yet: the last one to be drawn. */
#define GIANT_LOCK_NO_TICKET UINT32_MAX

/* Set once the way into the kernel takes the lock: with one processor it may be left out. */
extern bool giant_lock_used;

/* The way into the kernel that takes the lock, and back out. */
struct trap_way;
extern const struct trap_way giant_lock_way;

/* The kernel is complete: from now on the lock counts, and the boot processor holds it. At boot. */
void giant_lock_start(void);

/*
 * Takes the lock, which this processor does not hold. Interrupts are served meanwhile. Any context.
 */
void giant_lock_acquire(void);

/* Gives it up. Caller holds kernel. */
void giant_lock_release(void);

/*
 * For organisations that take the lock inside the kernel, where it protects what has no lock of its
 * own (kernel_enter(), kernel/lock/lock.h).
 */

/* At the start nobody holds it. At boot. */
void giant_lock_start_free(void);

/* Takes it unless this processor has it already. Any context, not at first level. */
void giant_lock_enter(void);

/* Gives it up, once for each giant_lock_enter(). Caller holds kernel. */
void giant_lock_exit(void);

/*
 * For asserts: after 2^32 more tickets, a processor that came no more would be wrong. Any context.
 */
static inline bool giant_lock_is_mine(void)
{
	return giant_lock.serving == giant_lock_ticket;
}

/*
 * Called by the entry code, interrupts off: waits until it is this ticket's turn, and charges the
 * account, if it runs, with the time. Any context.
 */
void giant_lock_wait(uint32_t ticket);

/* Called by the entry code after a release: wakes the processor whose turn it is, if it halts. Any
 * context. */
void giant_lock_kick(void);
#endif

#endif
