/*
 * Getting back what allocators keep ready for quick use, once there are no pages left. Pages, page
 * tables and slabs never call each other back: where one of them fails for want of a page, the
 * front end that holds none of their domains (page_alloc(), page_table_alloc(), slab_alloc()) comes
 * here and tries again as long as that gave back something. So an allocation fails only when
 * nothing is kept any more.
 */
#ifndef KERNEL_MEM_RECLAIM_H
#define KERNEL_MEM_RECLAIM_H

#include <stddef.h>

/*
 * Returns empty slabs and unused page tables to the page allocator: how many pages that were.
 * Caller holds nothing (neither slabs, tables nor pages).
 */
size_t memory_reclaim(void);

/*
 * The value of the expression, a pointer to memory that it asks for: once more, as long as it is
 * NULL and something that is kept ready can be given back. As memory_reclaim().
 */
#define memory_insist(expression)                        \
	({                                               \
		typeof(expression) insist_got;           \
		do                                       \
			insist_got = expression;         \
		while (!insist_got && memory_reclaim()); \
		insist_got;                              \
	})

/*
 * What processors keep ready for themselves goes back, so that what is in use can be counted to the
 * page and the object. Nothing where they keep nothing. Caller holds nothing (neither slabs, tables
 * nor pages).
 */
void memory_settle(void);

#endif
