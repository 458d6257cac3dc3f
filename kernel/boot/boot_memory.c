/*
 * Which physical memory is free at boot. Everything that must survive (the kernel, boot modules,
 * the loader's structures and section headers) is a reserved range; what the memory map calls
 * usable is added in the gaps between them. The first megabyte is left alone: firmware and the
 * start of further processors live there.
 */
#include "kernel/boot/boot_memory.h"

#include <stdbool.h>
#include "arch/ia32/paging.h"
#include "boot/boot_info.h"
#include "kernel/dev/power.h"
#include "kernel/debug/symbols.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/lock/domain.h"
#include "kernel/mem/page.h"
#include "kernel/mem/page_share.h"

#define RESERVED_MAX     (BOOT_MODULES_MAX + 16)
#define STATUS_NO_MEMORY 2

extern const char kernel_start[], kernel_end[];

static struct boot_region reserved[RESERVED_MAX] SET_AT_BOOT;
static uint32_t reserved_count SET_AT_BOOT;

static uint32_t page_down(uint32_t address)
{
	return address & ~(PAGE_SIZE - 1);
}

static uint32_t page_up(uint32_t address)
{
	return page_down(address + PAGE_SIZE - 1);
}

/* Keeps the ranges sorted by their start. */
static void reserve(uint32_t start, uint32_t end)
{
	uint32_t at = reserved_count++;

	for (; at > 0 && reserved[at - 1].start > start; at--)
		reserved[at] = reserved[at - 1];
	reserved[at] = (struct boot_region){ page_down(start), page_up(end) };
}

static void reserve_all(void)
{
	uint32_t start, end;

	reserve(0, LOW_MEMORY_END);
	reserve((uint32_t)kernel_start, (uint32_t)kernel_end);
	reserve(boot_info.start, boot_info.end);
	for (uint32_t i = 0; i < boot_info.module_count; i++)
		if (boot_info.modules[i].start >= LOW_MEMORY_END)
			reserve(boot_info.modules[i].start, boot_info.modules[i].end);
	for (uint32_t i = 0; symbols_memory(i, &start, &end); i++)
		reserve(start, end);
}

static uint32_t memory_end(void)
{
	uint32_t end = 0;

	for (uint32_t i = 0; i < boot_info.memory_count; i++)
		if (boot_info.memory[i].end > end)
			end = boot_info.memory[i].end;
	return end > paging_physical_end() ? paging_physical_end() : page_down(end);
}

/* Calls page_add_range() for what is left of [start, end) between the reserved ranges. */
static void add_free_range(uint32_t start, uint32_t end)
{
	for (uint32_t i = 0; i < reserved_count && start < end; i++) {
		if (reserved[i].end <= start)
			continue;
		if (reserved[i].start >= end)
			break;
		if (reserved[i].start > start)
			page_add_range(start, reserved[i].start);
		start = reserved[i].end;
	}
	if (start < end)
		page_add_range(start, end);
}

/* The first gap between reserved ranges, in usable memory, of at least `size` bytes; 0: none. */
static uint32_t gap_find(uint32_t size)
{
	for (uint32_t m = 0; m < boot_info.memory_count; m++) {
		uint32_t start = page_up(boot_info.memory[m].start);
		for (uint32_t i = 0; i < reserved_count; i++) {
			if (reserved[i].end <= start)
				continue;
			if (reserved[i].start > start && reserved[i].start - start >= size)
				break;
			start = reserved[i].end;
		}
		if (start < boot_info.memory[m].end && boot_info.memory[m].end - start >= size)
			return start;
	}
	return 0;
}

static void refuse(uint32_t free_kb)
{
	kprintf("memory: %u KB are free, Castle needs %u KB beside its programs\n", free_kb,
		BOOT_MEMORY_MIN_KB);
	power_off(STATUS_NO_MEMORY);
}

/*
 * UEFI has free memory below the first megabyte, and GRUB begins with that. What it has loaded
 * there makes room for the start of further processors. Before paging is on.
 */
static void move_low_modules(void)
{
	for (uint32_t i = 0; i < boot_info.module_count; i++) {
		struct boot_module *module = &boot_info.modules[i];
		const uint32_t size = module->end - module->start;
		uint32_t place;

		if (module->start >= LOW_MEMORY_END || size == 0)
			continue;
		place = gap_find(page_up(size));
		if (!place)
			refuse(0);
		memmove((void *)place, (const void *)module->start, size);
		module->start = place;
		module->end = place + size;
		reserve(place, place + size);
	}
}

void boot_memory_init(void)
{
	const uint32_t end = memory_end();
	const uint32_t counts_size = page_share_size(LOW_MEMORY_END, end);
	const uint32_t size = counts_size + page_map_size(LOW_MEMORY_END, end);
	uint32_t map;

	reserve_all();
	move_low_modules();
	map = gap_find(size);
	if (!map)
		refuse(0);
	reserve(map, map + size);
	paging_init(end);
	page_share_init(LOW_MEMORY_END, kernel_address(map));
	page_init(LOW_MEMORY_END, end, kernel_address(map + counts_size));
	for (uint32_t i = 0; i < boot_info.memory_count; i++)
		add_free_range(boot_info.memory[i].start, boot_info.memory[i].end);
	if (page_count_free() * (PAGE_SIZE / 1024) < BOOT_MEMORY_MIN_KB)
		refuse(page_count_free() * (PAGE_SIZE / 1024));
}
