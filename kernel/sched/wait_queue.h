/*
 * Wait queues: threads that wait for one thing, first come, first served.
 *
 * A thread looks at a condition and blocks under the lock that protects the condition, and whoever
 * makes the condition true wakes under the same lock: so no wake-up is lost. That lock is the one
 * of the domain that the queue is made with. (The lists themselves are under `thread`, too, since
 * time-outs and signals take threads out of any queue.) Once the thread is in the queue, it may be
 * woken, and run on another processor: everything that it needs for that is in it before (its
 * registers since kernel entry, its floating-point registers as placement_threads_move() asks for).
 *
 * A waiting thread holds nothing: no stack, no lock, no reference. Its call starts over, or goes on
 * with its continuation, and looks everything up anew.
 */
#ifndef KERNEL_SCHED_WAIT_QUEUE_H
#define KERNEL_SCHED_WAIT_QUEUE_H

#include <stdbool.h>
#include <stdint.h>
#include "kernel/lib/list.h"
#include "kernel/lock/domain.h"
#include "kernel/sched/thread.h"

struct wait_queue {
	struct list threads;
#ifdef CASTLE_DEBUG
	enum lock_domain domain;
#endif
};

/* An empty queue whose condition the lock of `domain_name` protects. Caller holds nothing. */
#ifdef CASTLE_DEBUG
#define wait_queue_init(queue, domain_name)                  \
	do {                                                 \
		list_init(&(queue)->threads);                \
		(queue)->domain = LOCK_DOMAIN_##domain_name; \
	} while (0)
#else
#define wait_queue_init(queue, domain_name) list_init(&(queue)->threads)
#endif

/*
 * Puts the current thread to sleep in `queue` (NULL: only its timer or a signal wakes it) with
 * `continuation`. Returns CALL_BLOCKED; or, if there is a signal to take already, what the
 * continuation makes of that. Either way the call must return it in turn. Caller holds the queue's
 * domain; may block.
 */
int32_t wait_queue_block(struct wait_queue *queue, continuation_t continuation);

/*
 * The same with a time-out: the thread's timer wakes it after so many ticks. Caller holds the
 * queue's domain; may block.
 */
int32_t wait_queue_block_for(struct wait_queue *queue, uint32_t ticks, continuation_t continuation);

/*
 * As wait_queue_block(), and the whole call starts over when the thread is woken: its arguments are
 * still in its registers. For calls that have changed nothing yet. Ends with -EINTR if a signal
 * ends the wait. Caller holds the queue's domain; may block.
 */
int32_t wait_queue_block_restart(struct wait_queue *queue);

/*
 * The same with a time-out, after which the call starts over, too. Caller holds the queue's domain;
 * may block.
 */
int32_t wait_queue_block_restart_for(struct wait_queue *queue, uint32_t ticks);

/*
 * The same for a call (fd, buffer, size) that has moved `moved` bytes in this turn: it starts over
 * with what is left, and in the end its result is what all turns have moved; an error only if that
 * is nothing. Caller holds the queue's domain; may block.
 */
int32_t wait_queue_block_moved(struct wait_queue *queue, uint32_t moved);

/*
 * Carries out the call that the thread's registers name once more; it has been carried out before.
 * Its result, or CALL_BLOCKED. Defined by kernel/entry/call_table.c, since every call is known
 * there. Caller holds nothing; may block.
 */
int32_t call_restart(struct thread *thread);

/* Wakes the first thread, or all. The number woken. Caller holds the queue's domain. */
uint32_t wait_queue_wake_one(struct wait_queue *queue);
uint32_t wait_queue_wake_all(struct wait_queue *queue);

/* Wakes this thread, which waits in the queue. Caller holds the queue's domain; and thread. */
void wait_queue_wake_thread(struct wait_queue *queue, struct thread *thread);

/*
 * Takes a thread that waits out of its queue, stops its timer and makes it ready. False, and
 * nothing is done, if it does not wait: another event has woken it, and that is the one it learns
 * of. Caller holds thread.
 */
bool thread_wake(struct thread *thread, enum wake_reason reason);

#endif
