/*
 * Pages that each processor keeps ready for itself, where the organisation wants that: page_take(),
 * page_alloc(), page_free() and page_reclaim() (kernel/mem/page.h) are for these then.
 */
#ifndef KERNEL_SMP_PAGE_STOCKS_H
#define KERNEL_SMP_PAGE_STOCKS_H

#include <stddef.h>

/* How many all processors keep; another one may change that at once. Any context. */
size_t page_stocks_count(void);

/* What stocks are filled from and emptied into: a page of the buddy system, NULL when there is none
 * that may be had. Caller holds pages. */
void *page_buddy_take(void);
void page_buddy_give(void *page);

#endif
