/*
 * Physical pages. Kernel addresses equal physical addresses (Figure 3.2), so a page is named by the
 * pointer to it. A buddy allocator: runs of 2^order pages, naturally aligned.
 *
 * The allocator takes the domain `pages` itself, for as long as it touches its lists; it is the
 * last one in the order, so callers may hold any other.
 */
#ifndef KERNEL_MEM_PAGE_H
#define KERNEL_MEM_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE_SIZE      4096u
#define PAGE_SHIFT     12
#define PAGE_ORDER_MAX 10 /* runs of up to 4 MB */

/*
 * A stock of single pages: given back to the buddy system in part when it is full, so that runs can
 * form again.
 */
#define PAGE_STOCK_MAX  64u
#define PAGE_STOCK_KEEP 32u

/*
 * Prepares for pages in [start, end), all of them taken; page_add_range() makes pages free.
 * `map` has page_map_size(start, end) bytes and stays the allocator's. Both ends are page-aligned.
 * At boot.
 */
void page_init(uintptr_t start, uintptr_t end, void *map);

/* Any context. */
size_t page_map_size(uintptr_t start, uintptr_t end);

/* Frees the pages that lie wholly in [start, end) and inside the allocator's range. At boot. */
void page_add_range(uintptr_t start, uintptr_t end);

/*
 * A page, or a run of 2^order pages, of undefined content; or a page of zeros. NULL when there is
 * none, even after everything that is kept ready has been given back (kernel/mem/reclaim.h). Caller
 * holds nothing (neither slabs, tables nor pages).
 */
void *page_alloc(void);
void *page_alloc_run(unsigned order);
void *page_alloc_zeroed(void);

/*
 * A page for a container that has a claim to one (page_share.h): it may be one of those that are
 * kept back. NULL when there is none. Caller holds nothing (as above, but container).
 */
void *page_alloc_kept(void);

/* Whether as many pages are free as have been claimed, with none counted that a processor keeps
 * ready. Caller holds pages. */
bool page_keep_is_possible(void);

/*
 * A page, for allocators that are themselves asked to give back what they keep: NULL when there is
 * none now. Caller holds nothing (it may hold slabs or tables).
 */
void *page_take(void);

/* Never calls back into who allocates. Caller holds nothing (it may hold slabs or tables). */
void page_free(void *page);
void page_free_run(void *run, unsigned order);

/*
 * Gives what processors keep ready for themselves back to the buddy system: how many pages that
 * were. Caller holds nothing (neither stocks nor pages).
 */
size_t page_reclaim(void);

/* Pages ever added. Any context. */
size_t page_count_total(void);

/* How many there are now; another processor may change that at once. Any context. */
size_t page_count_free(void);

#endif
