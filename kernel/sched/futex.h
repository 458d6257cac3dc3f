/*
 * Futexes: waiting on a word of the program's memory (Franke, Russell, Kirkwood, "Fuss, Futexes and
 * Furwocks", OLS 2002). A word is named by its container and address.
 */
#ifndef KERNEL_SCHED_FUTEX_H
#define KERNEL_SCHED_FUTEX_H

#include <stdint.h>

struct container;

/* At boot. */
void futex_init(void);

struct lock;

/* The lock of the bucket, where buckets have locks. Any context. */
struct lock *futex_lock(const struct container *container, uint32_t word);

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
