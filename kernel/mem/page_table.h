/*
 * Page tables that are known to be all zeros, kept for the next container: clearing the entries in
 * use when a container ends is far cheaper than clearing a page when one starts. (Bonwick's
 * constructed objects, in the smallest form.) Pages kept here count as free memory.
 */
#ifndef KERNEL_MEM_PAGE_TABLE_H
#define KERNEL_MEM_PAGE_TABLE_H

#include <stdint.h>
#include "arch/ia32/paging.h"

/*
 * A page table of zeros, or NULL when memory is out. Caller holds nothing (neither slabs, tables
 * nor pages).
 */
page_entry_t *page_table_alloc(void);

/* Takes back a table whose entries are all zero. Caller holds nothing (neither tables nor pages).
 */
void page_table_free(page_entry_t *table);

/*
 * Gives the tables that are kept back to the page allocator; returns how many. Caller holds nothing
 * (neither tables nor pages).
 */
uint32_t page_table_reclaim(void);

/* Pages kept ready; another processor may change that at once. Any context. */
uint32_t page_table_kept(void);

#endif
