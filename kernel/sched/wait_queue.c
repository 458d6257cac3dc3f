/*
 * Blocking and waking. A thread that waits holds no stack and no reference: what it needs to go on
 * is in its registers and its continuation, so it can be told to end at any time.
 */
#include "kernel/sched/wait_queue.h"

#include <castle/errno.h>
#include "kernel/debug/kill.h"
#include "kernel/lib/assert.h"
#include "kernel/lock/lock.h"
#include "kernel/sched/scheduler.h"

#ifdef CASTLE_DEBUG
#define assert_queue_held(queue) lock_domain_expect((queue)->domain)
#else
#define assert_queue_held(queue) ((void)(queue))
#endif

/* False if there is a signal to take already. */
static inline __attribute__((always_inline)) bool block(struct wait_queue *queue,
							continuation_t continuation)
{
	struct thread *thread = current_thread;

	if (queue)
		assert_queue_held(queue);
	if (thread_interrupting(thread)) {
		timer_cancel(&thread->timer);
		thread->woken = WAKE_INTERRUPTED;
		return false;
	}
	scheduler_stop_current();
	thread->continuation = continuation;
	thread->waits_in = queue;
	if (queue)
		list_append(&queue->threads, &thread->queue);
	else
		list_init(&thread->queue);
	thread->state = THREAD_WAITING;
	kill_point(thread, KILL_BLOCK);
	return true;
}

LOCK_REPLACED int32_t wait_queue_block(struct wait_queue *queue, continuation_t continuation)
{
	return block(queue, continuation) ? CALL_BLOCKED : continuation(current_thread);
}

LOCK_REPLACED int32_t wait_queue_block_for(struct wait_queue *queue, uint32_t ticks,
					   continuation_t continuation)
{
	bool blocked;

	lock_acquire(blocking, &blocking_lock);
	timer_start(&current_thread->timer, ticks);
	blocked = block(queue, continuation);
	lock_release(blocking, &blocking_lock);
	return blocked ? CALL_BLOCKED : continuation(current_thread);
}

/*
 * A turn of a call that a signal ends, or that has moved something in turns before. When it is the
 * last one, the registers that told what was left are the program's again, and the result is that
 * of all turns.
 */
__attribute__((noinline)) static int32_t call_go_on(struct thread *thread)
{
	int32_t result = -EINTR;
	uint32_t moved;

	if (thread->woken != WAKE_INTERRUPTED)
		result = call_restart(thread);
	if (result == CALL_BLOCKED)
		return result;
	moved = thread->progress;
	thread->progress = 0;
	thread->frame.esi -= moved;
	thread->frame.edi += moved;
	if (result < 0)
		return moved ? (int32_t)moved : result;
	/* The last turn's descriptor may name another file, which took all that a count can say. */
	return moved > (uint32_t)(INT32_MAX - result) ? INT32_MAX : (int32_t)moved + result;
}

static int32_t call_again(struct thread *thread)
{
	if (thread->woken == WAKE_INTERRUPTED || thread->progress)
		return call_go_on(thread);
	return call_restart(thread);
}

int32_t wait_queue_block_restart(struct wait_queue *queue)
{
	return wait_queue_block(queue, call_again);
}

int32_t wait_queue_block_restart_for(struct wait_queue *queue, uint32_t ticks)
{
	return wait_queue_block_for(queue, ticks, call_again);
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

static inline __attribute__((always_inline)) void wake(struct thread *thread,
						       enum wake_reason reason)
{
	list_remove(&thread->queue);
	thread->waits_in = NULL;
	thread->woken = reason;
	timer_cancel(&thread->timer);
	scheduler_ready(thread);
	kill_point(thread, KILL_WAKE);
}

LOCK_REPLACED bool thread_wake(struct thread *thread, enum wake_reason reason)
{
	assert_held(thread);
	if (thread->state != THREAD_WAITING)
		return false;
	wake(thread, reason);
	return true;
}

LOCK_REPLACED void wait_queue_wake_thread(struct wait_queue *queue, struct thread *thread)
{
	assert_queue_held(queue);
	assert_held(thread);
	wake(thread, WAKE_EVENT);
}

static inline uint32_t wake_first(struct wait_queue *queue)
{
	if (list_empty(&queue->threads))
		return 0;
	wake(list_entry(queue->threads.next, struct thread, queue), WAKE_EVENT);
	return 1;
}

static inline uint32_t wake_all(struct wait_queue *queue)
{
	uint32_t woken = 0;

	while (wake_first(queue))
		woken++;
	return woken;
}

LOCK_REPLACED uint32_t wait_queue_wake_one(struct wait_queue *queue)
{
	assert_queue_held(queue);
	return wake_first(queue);
}

LOCK_REPLACED uint32_t wait_queue_wake_all(struct wait_queue *queue)
{
	assert_queue_held(queue);
	return wake_all(queue);
}

#ifdef CASTLE_SMP
/*
 * The same with the lock of the scheduler, under which are all queues, beside that of the
 * condition: a time-out or a signal takes a thread out under it alone. Who finds a queue empty
 * needs it not, since the lock of the condition keeps others from coming.
 */
static int32_t block_locked(struct wait_queue *queue, continuation_t continuation)
{
	const bool blocked = lock_around(blocking, &blocking_lock, block(queue, continuation));

	return blocked ? CALL_BLOCKED : continuation(current_thread);
}

static uint32_t wake_locked(struct wait_queue *queue, uint32_t (*wake_some)(struct wait_queue *))
{
	assert_queue_held(queue);
	if (list_empty(&queue->threads))
		return 0;
	return lock_around(blocking, &blocking_lock, wake_some(queue));
}

static uint32_t wake_one_locked(struct wait_queue *queue)
{
	return wake_locked(queue, wake_first);
}

static uint32_t wake_all_locked(struct wait_queue *queue)
{
	return wake_locked(queue, wake_all);
}

LOCK_FUNCTION(wait_queue_block, block_locked, blocking);
LOCK_FUNCTION(wait_queue_wake_one, wake_one_locked, blocking);
LOCK_FUNCTION(wait_queue_wake_all, wake_all_locked, blocking);
#endif
