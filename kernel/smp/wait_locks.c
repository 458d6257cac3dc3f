/*
 * Blocking and waking where there is no lock for all of that. A wait queue has one, which it shares
 * with few others: the queue's memory may go as soon as nobody waits in it, and whoever comes to
 * take a thread out, from a time-out or with a signal, must still find the lock there. A thread
 * that waits in no queue is under the lock that its own address leads to.
 *
 * Order: the lock of the condition; that of the queue (`thread`); timers, or a ready queue.
 */
#include "kernel/debug/kill.h"
#include "kernel/sched/wait_queue.h"

#include "kernel/lib/assert.h"
#include "kernel/lock/lock.h"
#include "kernel/sched/scheduler.h"
#include "kernel/smp/wait_locks.h"

#ifdef CASTLE_DEBUG
#define assert_queue_held(queue) lock_domain_expect((queue)->domain)
#else
#define assert_queue_held(queue) ((void)(queue))
#endif

#define WAIT_LOCKS 64

static struct {
	struct lock lock;
} __attribute__((aligned(64))) wait_locks[WAIT_LOCKS] UNGUARDED("they are locks themselves");

static struct lock *wait_lock(const struct wait_queue *queue, const struct thread *thread)
{
	const uint32_t address = queue ? (uint32_t)queue : (uint32_t)thread;

	return &wait_locks[(address / 16 ^ address / 1024 ^ address / 65536) % WAIT_LOCKS].lock;
}

struct lock *wait_queue_lock(const struct wait_queue *queue)
{
	return wait_lock(queue, NULL);
}

/*
 * The timer may be about to expire elsewhere, and has left the wheel: then that finds that the wait
 * is over, and has a reference to the thread, once this has had the timers' lock.
 */
static void timed_wait_end(struct thread *thread)
{
	thread->timed_wait = 0;
	lock_take(&timers_lock, LOCK_DOMAIN_timers);
	timer_cancel(&thread->timer);
	lock_give(&timers_lock, LOCK_DOMAIN_timers);
}

/* In this order, for those who look without the queue's lock. */
static inline void wait_is_over(struct thread *thread, enum thread_state state)
{
	__atomic_store_n(&thread->state, state, __ATOMIC_RELEASE);
	__atomic_store_n(&thread->waits_in, NULL, __ATOMIC_RELEASE);
}

/*
 * Under the queue's lock. What the thread waits in is said before it waits, so that whoever finds
 * it waiting finds the right lock. The state is exchanged before the look for signals: whoever
 * sends one makes it pending first and looks at the state then, so that one of the two sees the
 * other. Who saw the thread waiting does not remind it any more: it reminds itself.
 */
static inline __attribute__((always_inline)) bool block_own(struct wait_queue *queue,
							    continuation_t continuation)
{
	struct thread *thread = current_thread;

	thread->waits_in = queue;
	__atomic_exchange_n(&thread->state, THREAD_WAITING, __ATOMIC_SEQ_CST);
	if (thread_interrupting(thread)) {
		wait_is_over(thread, THREAD_RUNNING);
		thread->woken = WAKE_INTERRUPTED;
		exit_work_set(EXIT_WORK_USER_SIGNAL);
		return false;
	}
	scheduler_stop_current();
	thread->continuation = continuation;
	if (queue)
		list_append(&queue->threads, &thread->queue);
	else
		list_init(&thread->queue);
	kill_point(thread, KILL_BLOCK);
	return true;
}

static int32_t wait_queue_block_own(struct wait_queue *queue, continuation_t continuation)
{
	const bool blocked = lock_around(thread, wait_lock(queue, current_thread),
					 block_own(queue, continuation));

	return blocked ? CALL_BLOCKED : continuation(current_thread);
}

static int32_t wait_queue_block_for_own(struct wait_queue *queue, uint32_t ticks,
					continuation_t continuation)
{
	struct thread *thread = current_thread;
	struct lock *lock = wait_lock(queue, thread);
	bool blocked;

	lock_take(lock, LOCK_DOMAIN_thread);
	blocked = block_own(queue, continuation);
	if (blocked) {
		thread->timed_wait = ++thread->timed_waits;
		lock_take(&timers_lock, LOCK_DOMAIN_timers);
		timer_start(&thread->timer, ticks);
		lock_give(&timers_lock, LOCK_DOMAIN_timers);
	}
	lock_give(lock, LOCK_DOMAIN_thread);
	return blocked ? CALL_BLOCKED : continuation(current_thread);
}

static inline __attribute__((always_inline)) void wake_own(struct thread *thread,
							   enum wake_reason reason)
{
	list_remove(&thread->queue);
	wait_is_over(thread, THREAD_READY);
	thread->woken = reason;
	if (thread->timed_wait)
		timed_wait_end(thread);
	scheduler_ready(thread);
	kill_point(thread, KILL_WAKE);
}

/* The thread may be woken, and wait for something else, before its queue's lock is had. */
static bool wake_if(struct thread *thread, enum wake_reason reason, uint32_t timed_wait)
{
	bool over = false;

	while (!over && __atomic_load_n(&thread->state, __ATOMIC_SEQ_CST) == THREAD_WAITING) {
		const struct wait_queue *queue =
			__atomic_load_n(&thread->waits_in, __ATOMIC_ACQUIRE);
		struct lock *lock = wait_lock(queue, thread);
		lock_take(lock, LOCK_DOMAIN_thread);
		if (thread->state == THREAD_WAITING && thread->waits_in == queue) {
			over = true;
			if (!timed_wait || thread->timed_wait == timed_wait)
				wake_own(thread, reason);
		}
		lock_give(lock, LOCK_DOMAIN_thread);
	}
	return over;
}

static bool thread_wake_own(struct thread *thread, enum wake_reason reason)
{
	return wake_if(thread, reason, 0);
}

bool thread_wake_timed(struct thread *thread, uint32_t timed_wait)
{
	return wake_if(thread, WAKE_TIMED_OUT, timed_wait);
}

/* Caller holds the queue's lock. */
static void wait_queue_wake_thread_own(struct wait_queue *queue, struct thread *thread)
{
	assert_queue_held(queue);
	wake_own(thread, WAKE_EVENT);
}

static inline __attribute__((always_inline)) uint32_t wake_some_own(struct wait_queue *queue,
								    uint32_t most)
{
	uint32_t woken = 0;

	assert_queue_held(queue);
	if (list_empty(&queue->threads))
		return 0;
	lock_take(wait_lock(queue, NULL), LOCK_DOMAIN_thread);
	for (; woken < most && !list_empty(&queue->threads); woken++)
		wake_own(list_entry(queue->threads.next, struct thread, queue), WAKE_EVENT);
	lock_give(wait_lock(queue, NULL), LOCK_DOMAIN_thread);
	return woken;
}

static uint32_t wait_queue_wake_one_own(struct wait_queue *queue)
{
	return wake_some_own(queue, 1);
}

static uint32_t wait_queue_wake_all_own(struct wait_queue *queue)
{
	return wake_some_own(queue, UINT32_MAX);
}

LOCK_FUNCTION(wait_queue_block, wait_queue_block_own, thread);
LOCK_FUNCTION(wait_queue_block_for, wait_queue_block_for_own, thread);
LOCK_FUNCTION(thread_wake, thread_wake_own, thread);
LOCK_FUNCTION(wait_queue_wake_thread, wait_queue_wake_thread_own, thread);
LOCK_FUNCTION(wait_queue_wake_one, wait_queue_wake_one_own, thread);
LOCK_FUNCTION(wait_queue_wake_all, wait_queue_wake_all_own, thread);
