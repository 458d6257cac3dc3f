/*
 * Intrusive doubly linked lists with a list head of the same type, as every kernel structure that
 * queues uses them. A node is initialised by list_init() or by being inserted.
 *
 * Contract of all functions here: Any context (whoever owns the list guards it).
 */
#ifndef KERNEL_LIB_LIST_H
#define KERNEL_LIB_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
	struct list *next, *previous;
};

#define LIST_INITIALISER(name)   \
	{                        \
		&(name), &(name) \
	}

/* The structure of `type` whose field `member` is at `node`. */
#define list_entry(node, type, member) ((type *)((char *)(node)-offsetof(type, member)))

#define list_for_each(node, head) for (node = (head)->next; node != (head); node = node->next)

/* As list_for_each, where the body may remove `node`. */
#define list_for_each_safe(node, following, head)                         \
	for (node = (head)->next, following = node->next; node != (head); \
	     node = following, following = node->next)

static inline void list_init(struct list *list)
{
	list->next = list->previous = list;
}

static inline bool list_empty(const struct list *list)
{
	return list->next == list;
}

/* Inserts `node` before `position`; with a list head as position, at the list's end. */
static inline void list_insert_before(struct list *position, struct list *node)
{
	node->previous = position->previous;
	node->next = position;
	position->previous->next = node;
	position->previous = node;
}

static inline void list_append(struct list *head, struct list *node)
{
	list_insert_before(head, node);
}

static inline void list_prepend(struct list *head, struct list *node)
{
	list_insert_before(head->next, node);
}

/* Takes `node` out and leaves it as an empty list, so that removing it again does nothing. */
static inline void list_remove(struct list *node)
{
	node->previous->next = node->next;
	node->next->previous = node->previous;
	list_init(node);
}

#endif
