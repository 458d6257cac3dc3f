/*
 * What the lock-order checker asks of the processor that it runs on.
 *
 * Contract of all functions here: Any context.
 */
#ifndef KERNEL_DEBUG_LOCK_PROCESSOR_H
#define KERNEL_DEBUG_LOCK_PROCESSOR_H

#include "kernel/debug/lock_order.h"

/* The locks that this processor holds. */
struct held_locks *lock_held_here(void);

/* True if these are held by an application processor, which touches nothing of the kernel's. */
bool lock_is_application(const struct held_locks *held);

/* Interrupts off; whether they were on, for lock_interrupts_restore(). */
bool lock_interrupts_off(void);
void lock_interrupts_restore(bool were_on);

/* The callers from this frame pointer up, on any kernel stack. */
void lock_trace_take(struct lock_trace *trace, uint32_t cpu, const void *frame_pointer);

#endif
