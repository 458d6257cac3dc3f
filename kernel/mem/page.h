/*
 * Physical pages. Kernel addresses equal physical addresses (Figure 3.2), so a page is named by the
 * pointer to it. A buddy allocator: runs of 2^order pages, naturally aligned.
 *
 * Caller must hold the kernel (the giant lock, where there is one).
 */
#ifndef KERNEL_MEM_PAGE_H
#define KERNEL_MEM_PAGE_H

#include <stddef.h>
#include <stdint.h>

#define PAGE_SIZE      4096u
#define PAGE_SHIFT     12
#define PAGE_ORDER_MAX 10 /* runs of up to 4 MB */

/*
 * Prepares for pages in [start, end), all of them taken; page_add_range() makes pages free.
 * `map` has page_map_size(start, end) bytes and stays the allocator's. Both ends are page-aligned.
 */
void page_init(uintptr_t start, uintptr_t end, void *map);
size_t page_map_size(uintptr_t start, uintptr_t end);

/* Frees the pages that lie wholly in [start, end) and inside the allocator's range. */
void page_add_range(uintptr_t start, uintptr_t end);

/* A page, or a run of 2^order pages, of undefined content; NULL when there is none. */
void *page_alloc(void);
void *page_alloc_run(unsigned order);

/* A page of zeros; NULL when there is none. */
void *page_alloc_zeroed(void);

void page_free(void *page);
void page_free_run(void *run, unsigned order);

/*
 * When there are no pages left, `reclaim` is called to give back what is kept ready for quick use,
 * and allocation is tried again. It must not allocate; it returns how many pages it gave back.
 */
void page_set_reclaim(size_t (*reclaim)(void));

size_t page_count_total(void); /* pages ever added */
size_t page_count_free(void);

#endif
