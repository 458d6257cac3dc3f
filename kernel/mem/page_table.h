/*
 * Page tables that are known to be all zeros, kept for the next container: clearing the entries in
 * use when a container ends is far cheaper than clearing a page when one starts. (Bonwick's
 * constructed objects, in the smallest form.) Pages kept here count as free memory.
 */
#ifndef KERNEL_MEM_PAGE_TABLE_H
#define KERNEL_MEM_PAGE_TABLE_H

#include <stdint.h>
#include "arch/ia32/paging.h"

/* A page table of zeros, or NULL when memory is out. */
page_entry_t *page_table_alloc(void);

/* Takes back a table whose entries are all zero. */
void page_table_free(page_entry_t *table);

/* Gives the tables that are kept back to the page allocator; returns how many. */
uint32_t page_table_reclaim(void);

/* Pages kept ready. */
uint32_t page_table_kept(void);

#endif
