/*
 * Locks of wait queues, in organisations in which blocking and running have no lock in common.
 */
#ifndef KERNEL_SMP_WAIT_LOCKS_H
#define KERNEL_SMP_WAIT_LOCKS_H

#include <stdbool.h>
#include <stdint.h>

struct lock;
struct thread;
struct wait_queue;

/* The lock, of the domain `thread`, of the queue and of those who wait in it. Any context. */
struct lock *wait_queue_lock(const struct wait_queue *queue);

/*
 * Wakes the thread if it is still in the wait that had this number (thread->timed_wait), since its
 * time is over. True if the thread waited. Caller holds nothing (but a reference to the thread).
 */
bool thread_wake_timed(struct thread *thread, uint32_t timed_wait);

#endif
