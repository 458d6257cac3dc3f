/*
 * Placement with a ready queue and a lock for each processor, beside what its policy says
 * (kernel/smp/placement.h).
 *
 * Contract of all functions here: Caller holds nothing.
 */
#ifndef KERNEL_SMP_OWN_QUEUES_H
#define KERNEL_SMP_OWN_QUEUES_H

#include "kernel/sched/placement.h"

extern const struct placement_policy placement_own_queues;

/* Puts a thread of this processor that has made way before all others of its priority. */
void own_queue_return_first(struct thread *thread);

#endif
