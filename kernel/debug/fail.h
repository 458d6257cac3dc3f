/*
 * Allocations that fail on purpose, in DEBUG=1 kernels (kernel/debug/fail_nth.c); elsewhere nothing
 * of it is compiled in. The front ends of the allocators ask, where they would look for memory:
 * page_alloc(), page_alloc_run(), page_table_alloc() and slab_alloc().
 */
#ifndef KERNEL_DEBUG_FAIL_H
#define KERNEL_DEBUG_FAIL_H

#include <stdbool.h>

#ifdef CASTLE_DEBUG
/* Whether this allocation of the current thread is the one to be refused. Any context. */
bool fail_allocation(void);
#else
static inline bool fail_allocation(void)
{
	return false;
}
#endif

#endif
