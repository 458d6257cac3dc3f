/*
 * Blocking and waking. A thread that waits holds no stack and no reference: what it needs to go on
 * is in its registers and its continuation, so it can be ended at any time.
 */
#include "kernel/sched/wait_queue.h"

#include <castle/errno.h>
#include "kernel/entry/call_table.h"
#include "kernel/lib/assert.h"
#include "kernel/sched/scheduler.h"
#include "kernel/time/clock.h"

int32_t wait_interrupted(struct thread *thread)
{
	if (thread->sleep_left)
		sleep_interrupted(thread);
	return wait_progress_end(thread, -EINTR);
}

int32_t wait_queue_block(struct wait_queue *queue, continuation_t continuation)
{
	struct thread *thread = current_thread;

	if (thread->signal_pending & ~thread->signal_mask) {
		timer_stop(&thread->timer);
		return wait_interrupted(thread);
	}
	scheduler_remove(thread);
	thread->state = THREAD_WAITING;
	thread->continuation = continuation;
	if (queue)
		list_append(&queue->threads, &thread->queue);
	else
		list_init(&thread->queue);
	return CALL_BLOCKED;
}

static int32_t call_restart(struct thread *thread)
{
	return call_dispatch(&thread->frame);
}

int32_t wait_queue_block_restart(struct wait_queue *queue)
{
	return wait_queue_block(queue, call_restart);
}

void thread_wake(struct thread *thread)
{
	assert(thread->state == THREAD_WAITING);
	list_remove(&thread->queue);
	timer_stop(&thread->timer);
	scheduler_ready(thread);
}

uint32_t wait_queue_wake_one(struct wait_queue *queue)
{
	if (list_empty(&queue->threads))
		return 0;
	thread_wake(list_entry(queue->threads.next, struct thread, queue));
	return 1;
}

uint32_t wait_queue_wake_all(struct wait_queue *queue)
{
	uint32_t woken = 0;

	while (wait_queue_wake_one(queue))
		woken++;
	return woken;
}
