/*
 * A partition's walls are its own page directory (Intel SDM volume 3, section 4.3): the kernel has
 * mapped all physical memory below the end of its own one to one, as it does on a machine that is
 * its own. Of that there remain
 *
 *	the partition's memory: all of it, its kernel's text and constants read-only
 *	boot modules, which are programs and files for all: read-only
 *	the monitor's code, on the way out of the partition: read-only
 *	the area that partitions share, and the network between them
 *	in the first partition, the screen
 *	in one of several processors, the page that they start in
 *
 * so that a stray pointer of one kernel hits nothing of another's. Directories of containers are
 * copies of this one.
 */
#include "kernel/partition/inside/walls.h"

#include "arch/ia32/cpu.h"
#include "arch/ia32/paging.h"
#include "arch/ia32/processor.h"
#include "boot/boot_info.h"
#include "boot/trampoline.h"
#include "kernel/debug/panic.h"
#include "kernel/mem/page.h"
#include "kernel/mem/page_table.h"
#include "kernel/partition/inside/here.h"

#define SCREEN     0xb8000u
#define SCREEN_END 0xc0000u

extern const char kernel_start[], kernel_read_only_end[], boot_stack_guard[];

static uint32_t flags_common(void)
{
	return PAGE_PRESENT | (processor_has(PROCESSOR_PGE) ? PAGE_GLOBAL : 0);
}

static bool overlaps(uint32_t start, uint32_t end, uint32_t other, uint32_t other_end)
{
	return start < other_end && other < end;
}

static bool has_module(uint32_t start, uint32_t end)
{
	for (uint32_t i = 0; i < boot_info.module_count; i++)
		if (overlaps(start, end, boot_info.modules[i].start, boot_info.modules[i].end))
			return true;
	return false;
}

static bool is_written(uint32_t page)
{
	const uint32_t end = page + PAGE_SIZE;

	return overlaps(page, end, partition_area->area_start, partition_area->area_end) ||
	       (partition_is_first() && overlaps(page, end, SCREEN, SCREEN_END)) ||
	       (partition_here()->cpus > 1 && page == TRAMPOLINE_PAGE);
}

/* Flags of a page that is none of this partition's; 0: it is not mapped. */
static uint32_t foreign_page_flags(uint32_t page)
{
	const struct partition_area *area = partition_area;
	const uint32_t end = page + PAGE_SIZE;

	if (is_written(page))
		return flags_common() | PAGE_WRITABLE;
	if (overlaps(page, end, area->code_start, area->code_end) || has_module(page, end))
		return flags_common();
	return 0;
}

/* As map_first_slot() of arch/ia32/paging.c for a kernel that lies there. */
static uint32_t own_page_flags(uint32_t page)
{
	if (page == (uint32_t)boot_stack_guard)
		return 0;
	if (page >= (uint32_t)kernel_start && page < (uint32_t)kernel_read_only_end)
		return flags_common();
	return flags_common() | PAGE_WRITABLE;
}

/* The 4 MB in pages, each with its own flags. */
static void map_pages(uint32_t start, uint32_t (*flags_of)(uint32_t page))
{
	page_entry_t *table = page_table_alloc();

	if (!table)
		panic("no memory for the partition's page tables");
	for (uint32_t page = start; page < start + LARGE_PAGE_SIZE; page += PAGE_SIZE) {
		const uint32_t flags = flags_of(page);
		table[PAGE_TABLE_INDEX(page)] = flags ? page | flags : 0;
	}
	global_directory[PAGE_DIRECTORY_INDEX(start)] =
		physical_of(table) | PAGE_PRESENT | PAGE_WRITABLE;
}

static void flush(void)
{
	const uint32_t cr4 = cr4_read();

	cr4_write(cr4 & ~CR4_PGE);
	cr3_write(physical_of(global_directory));
	cr4_write(cr4);
}

void walls_build(void)
{
	const struct partition *here = partition_here();

	map_pages(0, foreign_page_flags);
	for (uint32_t at = LARGE_PAGE_SIZE; at < here->start; at += LARGE_PAGE_SIZE) {
		if (has_module(at, at + LARGE_PAGE_SIZE))
			map_pages(at, foreign_page_flags);
		else
			global_directory[PAGE_DIRECTORY_INDEX(at)] = 0;
	}
	if (partition_area->wires)
		global_directory[PAGE_DIRECTORY_INDEX(partition_area->wires)] =
			partition_area->wires | PAGE_WRITABLE | PAGE_LARGE | flags_common();
	map_pages(here->start, own_page_flags);
	flush();
}
