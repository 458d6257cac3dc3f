/*
 * The kernel information page (include/castle/kernel_page.h), as the kernel itself sees it.
 */
#ifndef KERNEL_MEM_KERNEL_PAGE_H
#define KERNEL_MEM_KERNEL_PAGE_H

#include <castle/kernel_page.h>

/* The page; drivers may add facts until the first program starts. */
extern struct castle_kernel_page *kernel_page;

/* Makes the page and maps it where programs see it. Paging must be on. At boot. */
void kernel_page_create(void);

#endif
