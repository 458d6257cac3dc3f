/*
 * Placement with ready queues that nobody takes a lock for, beside what its policy says
 * (kernel/smp/placement.h).
 */
#ifndef KERNEL_SMP_LOCKFREE_QUEUES_H
#define KERNEL_SMP_LOCKFREE_QUEUES_H

#include "kernel/sched/placement.h"

extern const struct placement_policy placement_lockfree_queues;

/* Puts a thread of this processor that has made way before all others of its priority. Caller holds
 * nothing. */
void lockfree_queue_return_first(struct thread *thread);

#endif
