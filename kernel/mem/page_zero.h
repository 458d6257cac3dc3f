/*
 * Pages of zeros made ahead, by a processor that idles: a fresh page then costs the instructions of
 * the fault alone, where filling it is four fifths of them. For organisations in which one
 * processor runs the kernel and others wait for its answers; elsewhere nothing of this is called.
 */
#ifndef KERNEL_MEM_PAGE_ZERO_H
#define KERNEL_MEM_PAGE_ZERO_H

#include <stdbool.h>
#include <stddef.h>

/*
 * From now on pages are made ahead, and those who want zeros take them. While the kernel's text can
 * be written, with one processor that ever runs the kernel. At boot.
 */
void page_zero_use(void);

/* The same for the faults of containers (container_fault.c). At boot. */
void container_fault_use_zeros(void);

/*
 * Zeroes one piece more, some 70 instructions long on Bochs. False: there are enough, or too few
 * free pages to make more of. First-level handlers may interrupt it. Caller holds nothing (as
 * there).
 */
bool page_zero_make(void);

/* As page_alloc_zeroed(), whose place it takes. Caller holds nothing (as there). */
void *page_zero_alloc(void);

/* Gives all that was made ahead back: how many pages that were. Caller holds nothing (as there). */
size_t page_zero_reclaim(void);

/* How many there are. Any context. */
size_t page_zero_count(void);

#endif
