/*
 * Counts of references: how many hold an object that goes with the last of them. A count starts at
 * 1, its maker's. It is under no lock: whoever takes a reference has one already, or holds the lock
 * of a table whose own reference keeps the object. These are the only places that change a count:
 * one instruction each, with the prefix `lock` in organisations in which calls overlap.
 */
#ifndef ARCH_IA32_REFERENCE_H
#define ARCH_IA32_REFERENCE_H

#include <stdbool.h>
#include <stdint.h>
#include "kernel/lock/lock.h"

/* One more. Any context. */
static inline void reference_take(int32_t *count)
{
	asm inline(LOCK_PREFIX "incl %0" : "+m"(*count) : : "cc");
}

/* One more; how many there were before. Any context. */
static inline uint32_t count_up(uint32_t *count)
{
	uint32_t before = 1;

	asm inline(LOCK_PREFIX "xaddl %1, %0" : "+m"(*count), "+r"(before) : : "cc");
	return before;
}

/* One more. True if it is the first. Any context. */
static inline bool reference_take_first(int32_t *count)
{
	return count_up((uint32_t *)count) == 0;
}

/*
 * Sets bits that another processor looks at, before anything that it does next. Any context.
 */
static inline void bits_set(uint32_t *word, uint32_t bits)
{
	asm volatile(LOCK_PREFIX "orl %1, %0" : "+m"(*word) : "ri"(bits) : "cc", "memory");
}

/* The same for taking bits away. Any context. */
static inline void bits_clear(uint32_t *word, uint32_t bits)
{
	asm volatile(LOCK_PREFIX "andl %1, %0" : "+m"(*word) : "ri"(~bits) : "cc", "memory");
}

/* The next number of those that are handed out, from 1. Any context. */
static inline uint32_t number_next(uint32_t *last)
{
	return count_up(last) + 1;
}

/*
 * One more, for somebody who has none, if there are any: false if the object is about to be freed.
 * Only where calls overlap. Any context.
 */
static inline bool reference_take_any(int32_t *count)
{
	int32_t seen = __atomic_load_n(count, __ATOMIC_RELAXED);

	do
		if (seen <= 0)
			return false;
	while (!__atomic_compare_exchange_n(count, &seen, seen + 1, false, __ATOMIC_ACQUIRE,
					    __ATOMIC_RELAXED));
	return true;
}

/*
 * One less. True if it was the last one: the caller frees the object. (Also if there was none,
 * which what frees the object finds by the count below zero.) Any context.
 */
static inline bool reference_drop(int32_t *count)
{
	bool last;

	asm inline(LOCK_PREFIX "decl %0" : "+m"(*count), "=@ccle"(last));
	return last;
}

#endif
