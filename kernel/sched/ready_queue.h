/*
 * The common ready queue: threads by priority, first come first served within one, and a bitmap
 * that finds the highest priority in use at once.
 *
 * Contract of all functions here: caller holds the queue's domain.
 */
#ifndef KERNEL_SCHED_READY_QUEUE_H
#define KERNEL_SCHED_READY_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "kernel/lib/list.h"

#define READY_QUEUE_PRIORITIES 32 /* 0 is the highest; one bit of the bitmap each */

struct ready_queue {
	uint32_t in_use; /* bit p: the list of priority p is not empty */
	struct list threads[READY_QUEUE_PRIORITIES];
};

static inline void ready_queue_init(struct ready_queue *queue)
{
	queue->in_use = 0;
	for (unsigned priority = 0; priority < READY_QUEUE_PRIORITIES; priority++)
		list_init(&queue->threads[priority]);
}

/* Puts `node` behind all others of its priority. */
static inline void ready_queue_insert(struct ready_queue *queue, struct list *node,
				      unsigned priority)
{
	list_append(&queue->threads[priority], node);
	queue->in_use |= 1u << priority;
}

/* Puts `node` in front of all others of its priority. */
static inline void ready_queue_insert_front(struct ready_queue *queue, struct list *node,
					    unsigned priority)
{
	list_prepend(&queue->threads[priority], node);
	queue->in_use |= 1u << priority;
}

/* Takes out `node`, which is in the queue at `priority`. */
static inline void ready_queue_remove(struct ready_queue *queue, struct list *node,
				      unsigned priority)
{
	list_remove(node);
	if (list_empty(&queue->threads[priority]))
		queue->in_use &= ~(1u << priority);
}

/* Takes out the first node of the highest priority in use; NULL if the queue is empty. */
static inline struct list *ready_queue_take(struct ready_queue *queue)
{
	struct list *node;
	unsigned priority;

	if (!queue->in_use)
		return NULL;
	priority = __builtin_ctz(queue->in_use);
	node = queue->threads[priority].next;
	ready_queue_remove(queue, node, priority);
	return node;
}

/* True if something of this priority or a higher one waits. */
static inline bool ready_queue_has(const struct ready_queue *queue, unsigned priority)
{
	return queue->in_use & UINT32_MAX >> (READY_QUEUE_PRIORITIES - 1 - priority);
}

#endif
