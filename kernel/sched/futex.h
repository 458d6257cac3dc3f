/*
 * Futexes: waiting on a word of the program's memory (Franke, Russell, Kirkwood, "Fuss, Futexes and
 * Furwocks", OLS 2002). A word is named by its container and address.
 */
#ifndef KERNEL_SCHED_FUTEX_H
#define KERNEL_SCHED_FUTEX_H

#include <stdint.h>
#include "kernel/lock/lock.h"
#include "kernel/sched/wait_queue.h"

struct container;

/* As many as Linux has for four processors: private words of several seldom meet in one. */
#define FUTEX_BUCKETS_LOG2 10

/* Those who wait on words that lead here; and the lock, where each has one, alone in its line. */
struct futex_bucket {
	struct wait_queue queue;
	LOCK_MEMBER(lock);
#ifdef CASTLE_SMP
} __attribute__((aligned(64)));
#else
};
#endif

extern struct futex_bucket futex_buckets[1u << FUTEX_BUCKETS_LOG2];

/* At boot. */
void futex_init(void);

/*
 * Where threads wait on the word. Any context. Fibonacci hashing (Knuth, The Art of Computer
 * Programming, volume 3, Section 6.4): the same word in containers that follow each other leads to
 * buckets apart.
 */
static inline struct futex_bucket *futex_bucket(const struct container *container, uint32_t word)
{
	return &futex_buckets[(word ^ (uint32_t)container) * 0x9e3779b1u >>
			      (32 - FUTEX_BUCKETS_LOG2)];
}

#define futex_lock(container, word) (&futex_bucket(container, word)->lock)

/*
 * Wakes up to `count` threads that wait on `word` in this container; the number woken. Caller
 * holds futex.
 */
uint32_t futex_wake_container(struct container *container, uint32_t word, uint32_t count);

/*
 * 0 when woken; -EAGAIN if *word != expected; -ETIMEDOUT, -EINTR, -EFAULT, -EINVAL (misaligned).
 * Caller holds nothing; may block.
 */
int32_t sys_futex_wait(uint32_t word, uint32_t expected, uint32_t timeout);
int32_t sys_futex_wake(uint32_t word, uint32_t count);

#endif
