/*
 * A thread's place among several processors. Included by kernel/sched/place.h.
 */
#ifndef KERNEL_SMP_PLACE_H
#define KERNEL_SMP_PLACE_H

#include <stdbool.h>
#include <stdint.h>

struct ready_queue;

struct place {
	struct ready_queue *queue; /* where the thread waits when it is ready */
	uint32_t cpu;              /* where it runs, ran last, or will run first */
	bool fresh;                /* it has not run yet: kernel/smp/own_queues.c */
};

#endif
