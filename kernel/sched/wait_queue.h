/*
 * Wait queues: threads that wait for one thing, first come, first served.
 */
#ifndef KERNEL_SCHED_WAIT_QUEUE_H
#define KERNEL_SCHED_WAIT_QUEUE_H

#include <stdbool.h>
#include <stdint.h>
#include "kernel/lib/list.h"
#include "kernel/sched/thread.h"

struct wait_queue {
	struct list threads;
};

static inline void wait_queue_init(struct wait_queue *queue)
{
	list_init(&queue->threads);
}

/*
 * Puts the current thread to sleep in `queue` (NULL: only its timer or a signal wakes it) with
 * `continuation`. Returns CALL_BLOCKED, or what wait_interrupted() does if a signal is pending
 * already; either way the call must return that in turn.
 */
int32_t wait_queue_block(struct wait_queue *queue, continuation_t continuation);

/*
 * As wait_queue_block(), and the whole call starts over when the thread is woken: its arguments are
 * still in its registers. For calls that have changed nothing yet.
 */
int32_t wait_queue_block_restart(struct wait_queue *queue);

/*
 * The result of a call that has moved thread->progress bytes in its turns so far, the last of which
 * gave `result`: all bytes moved; an error only if there are none.
 */
static inline int32_t wait_progress_end(struct thread *thread, int32_t result)
{
	const uint32_t moved = thread->progress;

	thread->progress = 0;
	if (result < 0)
		return moved ? (int32_t)moved : result;
	return moved + result;
}

/*
 * The continuation of a thread whose wait a signal ended: the bytes that its call has moved so far
 * (thread->progress), or -EINTR if none.
 */
int32_t wait_interrupted(struct thread *thread);

/* Wakes the first thread, or all. The number woken. */
uint32_t wait_queue_wake_one(struct wait_queue *queue);
uint32_t wait_queue_wake_all(struct wait_queue *queue);

/* Takes a waiting thread out of its queue, stops its timer and makes it ready. */
void thread_wake(struct thread *thread);

#endif
