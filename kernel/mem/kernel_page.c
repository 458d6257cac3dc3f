/*
 * Making the page that programs enter the kernel through.
 */
#include "kernel/mem/kernel_page.h"

#include "arch/ia32/paging.h"
#include "kernel/lib/options.h"
#include "kernel/debug/panic.h"
#include "kernel/lib/print.h"
#include "kernel/lock/domain.h"
#include "kernel/mem/page.h"
#include "kernel/mem/page_table.h"

struct castle_kernel_page *kernel_page SET_AT_BOOT;

void kernel_page_create(void)
{
	page_entry_t *table = page_table_alloc();

	kernel_page = page_alloc_zeroed();
	if (!kernel_page || !table)
		panic("no memory for the kernel page");
	kernel_page->magic = CASTLE_KERNEL_PAGE_MAGIC;
	ksnprintf(kernel_page->mode, sizeof kernel_page->mode, "%s", mode_name());
	ksnprintf(kernel_page->machine, sizeof kernel_page->machine, "%s", kernel_options.machine);
	paging_map_code(CASTLE_KERNEL_PAGE, physical_of(kernel_page), PAGE_SIZE, table);
}
