/*
 * Deferred reclamation: objects that processors look at without a lock are freed when all who may
 * still look at them have turned away (read-copy update: McKenney and Slingwine, PDCS 1998; in
 * epochs: Fraser, Practical Lock-Freedom, Cambridge 2004, Section 5.2.3).
 *
 * A processor says when it begins to look and when it is done, by a count of its own: odd while it
 * looks. Who takes an object out of a structure hands it in here; it is freed once each processor
 * that was looking then has been seen to be done. In between nobody who looks waits for anything.
 */
#ifndef KERNEL_SMP_EPOCH_H
#define KERNEL_SMP_EPOCH_H

#include <stdint.h>
#include "arch/ia32/cpulocal.h"

/* How often this processor has begun to look, and was done. */
extern CPU_LOCAL uint32_t epoch_turns;

/*
 * Begins to look: what is found from here on stays until epoch_leave(). Locked, so that the count
 * is there for others before anything is read. The caller takes no lock before it leaves, and
 * allocates and frees nothing. Any context, not in a first-level handler.
 */
static inline void epoch_enter(void)
{
	asm volatile("lock incl %0" : "+m"(epoch_turns) : : "cc", "memory");
}

/* Ends what epoch_enter() began. Any context. */
static inline void epoch_leave(void)
{
	asm volatile("incl %0" : "+m"(epoch_turns) : : "cc", "memory");
}

/*
 * Frees an object of a slab, or a page, that nobody finds any more, when nobody looks at it any
 * more. Caller holds nothing (neither objects, slabs nor pages); frees the object.
 */
void epoch_retire(void *object);

/* Frees all that has been handed in. Caller holds nothing (neither slabs, tables nor pages). */
void epoch_settle(void);

#endif
