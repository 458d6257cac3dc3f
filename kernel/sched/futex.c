/*
 * Futexes: a table of wait queues, hashed by address.
 */
#include "kernel/sched/futex.h"

#include <castle/abi.h>
#include <castle/errno.h>
#include "kernel/lock/domain.h"
#include "kernel/lock/lock.h"
#include "kernel/measure/statistics.h"
#include "kernel/mem/user_copy.h"
#include "kernel/sched/wait_queue.h"
#include "kernel/time/clock.h"

#ifdef CASTLE_SMP
#include "kernel/smp/wait_locks.h"
#endif

#define FUTEX_QUEUES 64

struct bucket {
	struct wait_queue queue;
	LOCK_MEMBER(lock);
};

static struct bucket buckets[FUTEX_QUEUES] GUARDED_BY(futex);

static struct bucket *futex_bucket(const struct container *container, uint32_t word)
{
	return &buckets[(word / 4 ^ word / 4096 ^ (uint32_t)container / 64) % FUTEX_QUEUES];
}

void futex_init(void)
{
	for (unsigned i = 0; i < FUTEX_QUEUES; i++)
		wait_queue_init(&buckets[i].queue, futex);
}

static uint32_t bucket_wake(struct wait_queue *queue, const struct container *container,
			    uint32_t word, uint32_t count)
{
	struct list *node, *following;
	uint32_t woken = 0;

	lock_acquire(blocking, &blocking_lock);
	lock_acquire(thread, wait_queue_lock(queue));
	list_for_each_safe (node, following, &queue->threads) {
		struct thread *thread = list_entry(node, struct thread, queue);
		if (woken == count)
			break;
		if (thread->wait_word == word && thread->container == container) {
			wait_queue_wake_thread(queue, thread);
			woken++;
		}
	}
	lock_release(thread, wait_queue_lock(queue));
	lock_release(blocking, &blocking_lock);
	return woken;
}

uint32_t futex_wake_container(struct container *container, uint32_t word, uint32_t count)
{
	struct bucket *bucket = futex_bucket(container, word);
	uint32_t woken;

	lock_acquire(futex, &bucket->lock);
	woken = bucket_wake(&bucket->queue, container, word, count);
	lock_release(futex, &bucket->lock);
	return woken;
}

static int32_t futex_woken(struct thread *thread)
{
	if (thread->woken == WAKE_EVENT)
		return 0;
	return thread->woken == WAKE_TIMED_OUT ? -ETIMEDOUT : -EINTR;
}

/* With no time to wait at all: -EAGAIN, -EFAULT or -ETIMEDOUT. */
static int32_t futex_poll(uint32_t word, uint32_t expected)
{
	uint32_t value;

	if (copy_from_user(&value, word, sizeof value) != 0)
		return -EFAULT;
	return value != expected ? -EAGAIN : -ETIMEDOUT;
}

/*
 * The word is looked at under the lock of its bucket, which whoever wakes takes after changing it:
 * so no wake-up is lost. Reading it may fault, but never sleeps.
 */
static inline int32_t futex_block(struct wait_queue *queue, uint32_t word, uint32_t expected,
				  uint32_t ticks)
{
	struct thread *thread = current_thread;
	uint32_t value;

	if (copy_from_user(&value, word, sizeof value) != 0)
		return -EFAULT;
	if (value != expected)
		return -EAGAIN;
	statistic_futex_waits++;
	thread->wait_word = word;
	if (ticks)
		return wait_queue_block_for(queue, ticks, futex_woken);
	return wait_queue_block(queue, futex_woken);
}

int32_t sys_futex_wait(uint32_t word, uint32_t expected, uint32_t timeout)
{
	struct bucket *bucket;
	uint32_t ticks = 0;
	int error;

	if (word % sizeof(uint32_t))
		return -EINVAL;
	if (timeout) {
		error = ticks_from_user(timeout, &ticks);
		if (error)
			return error;
		if (ticks == 0)
			return futex_poll(word, expected);
	}
	bucket = futex_bucket(current_thread->container, word);
	lock_acquire(futex, &bucket->lock);
	error = futex_block(&bucket->queue, word, expected, ticks);
	lock_release(futex, &bucket->lock);
	return error;
}

int32_t sys_futex_wake(uint32_t word, uint32_t count)
{
	if (word % sizeof(uint32_t))
		return -EINVAL;
	return futex_wake_container(current_thread->container, word, count);
}
