/*
 * Placement: which ready queue a thread waits in, which thread a processor takes next, and which
 * processor is told that there is one. Placement owns the queues; the scheduler knows threads
 * alone. This is what affinity is made of (Section 3.3.1), and what another organisation of the
 * kernel replaces: a policy is one file.
 *
 * Below, for one processor: the common ready queue. kernel/smp/placement.h is for several.
 *
 * Contract of all functions here: caller holds scheduler.
 */
#ifndef KERNEL_SCHED_PLACEMENT_H
#define KERNEL_SCHED_PLACEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "kernel/interrupt/supervisor.h"
#include "kernel/lock/domain.h"
#include "kernel/sched/ready_queue.h"
#include "kernel/sched/thread.h"

/* The common ready queue: of one processor, or of all. */
extern struct ready_queue ready_threads;

static inline struct thread *placement_common_take(void)
{
	assert_held(scheduler);
	struct list *node = ready_queue_take(&ready_threads);

	return node ? list_entry(node, struct thread, queue) : NULL;
}

/* For this processor to run: the current thread makes way if its priority is lower. */
static inline void placement_common_return(struct thread *thread)
{
	assert_held(scheduler);
	ready_queue_insert(&ready_threads, &thread->queue, thread->priority);
	if (current_thread && thread->priority < current_thread->priority)
		exit_work_set(EXIT_WORK_SCHEDULE);
}

#ifdef CASTLE_SMP
#include "kernel/smp/placement.h"
#else

/* Before the first thread is made. At boot. */
static inline void placement_init(void)
{
}

/* A thread has been made, which nobody else knows. Any context. */
static inline void placement_create(struct thread *thread)
{
	(void)thread;
}

/* It leaves for ever; it is in no queue. */
static inline void placement_discard(struct thread *thread)
{
	(void)thread;
}

/* The thread is about to be ready for the first time: perhaps it is given a processor now. */
static inline void placement_admit(struct thread *thread)
{
	(void)thread;
}

/* The thread becomes this processor's current one. */
static inline void placement_run(struct thread *thread)
{
	(void)thread;
}

/* As ps reports it: the processor that the thread stays on, or -1. Any context. */
static inline int32_t placement_home(const struct thread *thread)
{
	(void)thread;
	return 0;
}

/*
 * True if a thread that has run on one processor may run on another one next: then nothing of it
 * may stay in a processor while it does not run there. Any context.
 */
static inline bool placement_threads_move(void)
{
	return false;
}

/* Takes the next thread for this processor out of its queue; NULL if there is none. */
static inline struct thread *placement_take(void)
{
	return placement_common_take();
}

/*
 * Puts a ready thread behind all others of its priority in its queue, and has the processor that
 * should run it look for work, be it this one.
 */
static inline void placement_return(struct thread *thread)
{
	placement_common_return(thread);
}

/* The same for a thread of this processor that has just made way: there is no current thread. */
static inline void placement_return_last(struct thread *thread)
{
	ready_queue_insert(&ready_threads, &thread->queue, thread->priority);
}

/* Puts a thread of this processor that has made way before all others of its priority. */
static inline void placement_return_first(struct thread *thread)
{
	ready_queue_insert_front(&ready_threads, &thread->queue, thread->priority);
}

/* Takes this very thread, which is ready, out of its queue. */
static inline void placement_withdraw(struct thread *thread)
{
	ready_queue_remove(&ready_threads, &thread->queue, thread->priority);
}

/* True if a thread of this priority or a higher one waits for this processor. */
static inline bool placement_has(uint32_t priority)
{
	return ready_queue_has(&ready_threads, priority);
}

/* Has the other processor that runs the thread look for its signals. */
static inline void placement_remind(const struct thread *thread)
{
	(void)thread;
}

/* Around the idle processor's wait for an interrupt, interrupts off. Caller holds nothing (but what
 * is taken at the door). */
static inline void placement_idle_begin(void)
{
}

/* Caller holds nothing. */
static inline void placement_idle_end(void)
{
}
#endif

#endif
