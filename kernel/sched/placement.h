/*
 * Where threads run: which ready queue a thread waits in, and which processor is told that it does.
 * This is what affinity is made of (Section 3.3.1), and what another organisation of the kernel
 * would replace. Here, below, for one processor: a common ready queue; kernel/smp/placement.h is
 * for several.
 *
 * Caller must hold the kernel lock.
 */
#ifndef KERNEL_SCHED_PLACEMENT_H
#define KERNEL_SCHED_PLACEMENT_H

#include <stdbool.h>
#include "kernel/sched/ready_queue.h"

struct thread;

/* The common ready queue. */
extern struct ready_queue ready_threads;

#ifdef CASTLE_SMP
#include "kernel/smp/placement.h"
#else

/* What of a thread concerns its place. */
struct placement {
};

/* Before the first thread is made. */
static inline void placement_init(void)
{
}

/* A thread has been made, or is being freed. */
static inline void placement_create(struct placement *place)
{
	(void)place;
}

static inline void placement_destroy(struct placement *place)
{
	(void)place;
}

/* The thread becomes ready for the first time: perhaps it is given a processor now. */
static inline void placement_choose(struct placement *place)
{
	(void)place;
}

/* The ready queue that the thread belongs to. */
static inline struct ready_queue *placement_queue(const struct placement *place)
{
	(void)place;
	return &ready_threads;
}

/* The thread becomes this processor's current one. */
static inline void placement_run(struct placement *place)
{
	(void)place;
}

/* The processor that the thread runs on, or ran on last. */
static inline uint32_t placement_cpu(const struct placement *place)
{
	(void)place;
	return 0;
}

/* As ps reports it: the processor that the thread stays on, or -1. */
static inline int32_t placement_home(const struct placement *place)
{
	(void)place;
	return 0;
}

/* The next thread for this processor, taken out of its queue; NULL if there is none. */
static inline struct list *placement_take(void)
{
	return ready_queue_take(&ready_threads);
}

/* True if a thread of this priority or a higher one waits for this processor. */
static inline bool placement_has(unsigned priority)
{
	return ready_queue_has(&ready_threads, priority);
}

/*
 * Puts a ready thread into its queue and tells the processor that will run it; false, with nothing
 * done, if there is but this processor and the common queue.
 */
static inline bool placement_ready(struct thread *thread)
{
	(void)thread;
	return false;
}

/* Takes a thread that runs on another processor off it. */
static inline void placement_evict(const struct thread *thread)
{
	(void)thread;
}

/* Has the other processor that runs the thread look for its signals. */
static inline void placement_remind(const struct thread *thread)
{
	(void)thread;
}

/* Around the idle processor's wait for an interrupt, interrupts off. */
static inline void placement_idle_begin(void)
{
}

static inline void placement_idle_end(void)
{
}
#endif

#endif
