/*
 * A stack of free objects, linked through their first words, that any processor may push to and pop
 * from at any time, without a lock (Treiber, Systems Programming: Coping with Parallelism, IBM RJ
 * 5118, 1986). The count beside the top says how many there are, in its low bits, and which change
 * this is.
 *
 * An object that another processor has popped meanwhile may be in use, and its first word be
 * anything: it is read, since memory of the kernel is always there, and not believed.
 *
 * Contract of all functions here: Any context.
 */
#ifndef KERNEL_SMP_FREE_STACK_H
#define KERNEL_SMP_FREE_STACK_H

#include <stddef.h>
#include "kernel/smp/counted.h"

/* Of the count, what says how many objects there are: at most 255. */
#define FREE_STACK_OBJECTS 0xffu
#define FREE_STACK_CHANGE  0x100u

/* All zero: empty. */
struct free_stack {
	union counted top;
};

static inline uint32_t free_stack_count(const struct free_stack *stack)
{
	return __atomic_load_n(&stack->top.count, __ATOMIC_RELAXED) & FREE_STACK_OBJECTS;
}

/* The link of a free object. */
static inline uint32_t *free_stack_link(uint32_t object)
{
	return (uint32_t *)(uintptr_t)object;
}

/* Puts an object on top, unless there are `most` already: then false. */
static inline bool free_stack_push(struct free_stack *stack, void *object, uint32_t most)
{
	const uint32_t address = (uint32_t)(uintptr_t)object;
	union counted top;

	do {
		top = counted_read(&stack->top);
		if ((top.count & FREE_STACK_OBJECTS) >= most)
			return false;
		__atomic_store_n(free_stack_link(address), top.word, __ATOMIC_RELAXED);
	} while (
		!counted_change(&stack->top, top,
				(union counted){ { address, top.count + FREE_STACK_CHANGE + 1 } }));
	return true;
}

/* Takes the object on top; NULL if there is none. */
static inline void *free_stack_pop(struct free_stack *stack)
{
	union counted top;
	uint32_t next;

	do {
		top = counted_read(&stack->top);
		if (!top.word)
			return NULL;
		next = __atomic_load_n(free_stack_link(top.word), __ATOMIC_RELAXED);
	} while (!counted_change(&stack->top, top,
				 (union counted){ { next, top.count + FREE_STACK_CHANGE - 1 } }));
	return (void *)(uintptr_t)top.word;
}

#endif
