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

struct futex_bucket futex_buckets[1u << FUTEX_BUCKETS_LOG2] GUARDED_BY(futex);

static struct wait_queue *futex_queue(const struct container *container, uint32_t word)
{
	return &futex_bucket(container, word)->queue;
}

void futex_init(void)
{
	for (unsigned i = 0; i < 1u << FUTEX_BUCKETS_LOG2; i++)
		wait_queue_init(&futex_buckets[i].queue, futex);
}

static inline __attribute__((always_inline)) uint32_t
wake(struct wait_queue *queue, const struct container *container, uint32_t word, uint32_t count)
{
	struct list *node, *following;
	uint32_t woken = 0;

	list_for_each_safe (node, following, &queue->threads) {
		struct thread *thread = list_entry(node, struct thread, queue);
		if (woken == count)
			break;
		if (thread->wait_word == word && thread->container == container) {
			wait_queue_wake_thread(queue, thread);
			woken++;
		}
	}
	return woken;
}

LOCK_REPLACED uint32_t futex_wake_container(struct container *container, uint32_t word,
					    uint32_t count)
{
	assert_held(futex);
	return wake(futex_queue(container, word), container, word, count);
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
static int32_t futex_block(uint32_t word, uint32_t expected, uint32_t ticks)
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
		return wait_queue_block_for(futex_queue(thread->container, word), ticks,
					    futex_woken);
	return wait_queue_block(futex_queue(thread->container, word), futex_woken);
}

int32_t sys_futex_wait(uint32_t word, uint32_t expected, uint32_t timeout)
{
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
	return futex_block(word, expected, ticks);
}

int32_t sys_futex_wake(uint32_t word, uint32_t count)
{
	if (word % sizeof(uint32_t))
		return -EINVAL;
	return futex_wake_container(current_thread->container, word, count);
}

#ifdef CASTLE_SMP
static uint32_t wake_blocking(struct container *container, uint32_t word, uint32_t count)
{
	return lock_around(blocking, &blocking_lock,
			   wake(futex_queue(container, word), container, word, count));
}

static uint32_t wake_own(struct container *container, uint32_t word, uint32_t count)
{
	struct wait_queue *queue = futex_queue(container, word);

	if (list_empty(&queue->threads))
		return 0;
	return lock_around(thread, wait_queue_lock(queue), wake(queue, container, word, count));
}

LOCK_FUNCTION(futex_wake_container, wake_blocking, blocking);
LOCK_FUNCTION(futex_wake_container, wake_own, thread);
#endif
