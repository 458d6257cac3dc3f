/*
 * Blocking and waking. A thread that waits holds no stack and no reference: what it needs to go on
 * is in its registers and its continuation, so it can be told to end at any time.
 */
#include "kernel/sched/wait_queue.h"

#include <castle/errno.h>
#include "kernel/lib/assert.h"
#include "kernel/sched/scheduler.h"

#ifdef CASTLE_DEBUG
#define assert_queue_held(queue) lock_domain_expect((queue)->domain)
#else
#define assert_queue_held(queue) ((void)0)
#endif

int32_t wait_queue_block(struct wait_queue *queue, continuation_t continuation)
{
	struct thread *thread = current_thread;

	if (queue)
		assert_queue_held(queue);
	if (thread_deliverable(thread)) {
		timer_cancel(&thread->timer);
		thread->woken = WAKE_INTERRUPTED;
		return continuation(thread);
	}
	scheduler_stop_current();
	thread->continuation = continuation;
	thread->waits_in = queue;
	if (queue)
		list_append(&queue->threads, &thread->queue);
	else
		list_init(&thread->queue);
	thread->state = THREAD_WAITING;
	return CALL_BLOCKED;
}

/*
 * The end of a call that has waited, and gave `result` in its last turn. The registers that told its
 * later turns what was left are the program's again.
 */
static int32_t call_end(struct thread *thread, int32_t result)
{
	const uint32_t moved = thread->progress;

	if (!moved)
		return result;
	thread->progress = 0;
	thread->frame.esi -= moved;
	thread->frame.edi += moved;
	if (result < 0)
		return moved;
	return moved + result;
}

static int32_t call_again(struct thread *thread)
{
	int32_t result = -EINTR;

	if (thread->woken != WAKE_INTERRUPTED)
		result = call_restart(thread);
	return result == CALL_BLOCKED ? result : call_end(thread, result);
}

int32_t wait_queue_block_restart(struct wait_queue *queue)
{
	return wait_queue_block(queue, call_again);
}

/* The second argument of a call is in esi, the third in edi (docs/system-call.md). */
int32_t wait_queue_block_moved(struct wait_queue *queue, uint32_t moved)
{
	struct thread *thread = current_thread;

	thread->progress += moved;
	thread->frame.esi += moved;
	thread->frame.edi -= moved;
	return wait_queue_block(queue, call_again);
}

/* It waits. */
static void wake(struct thread *thread, enum wake_reason reason)
{
	list_remove(&thread->queue);
	thread->waits_in = NULL;
	thread->woken = reason;
	timer_cancel(&thread->timer);
	scheduler_ready(thread);
}

bool thread_wake(struct thread *thread, enum wake_reason reason)
{
	assert_held(thread);
	if (thread->state != THREAD_WAITING)
		return false;
	wake(thread, reason);
	return true;
}

uint32_t wait_queue_wake_one(struct wait_queue *queue)
{
	assert_queue_held(queue);
	if (list_empty(&queue->threads))
		return 0;
	wake(list_entry(queue->threads.next, struct thread, queue), WAKE_EVENT);
	return 1;
}

uint32_t wait_queue_wake_all(struct wait_queue *queue)
{
	uint32_t woken = 0;

	assert_queue_held(queue);
	while (wait_queue_wake_one(queue))
		woken++;
	return woken;
}
