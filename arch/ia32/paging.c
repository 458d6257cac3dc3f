/*
 * The global page directory and the way into it (Intel SDM volume 3, section 4.3; Section 3.2.3 of
 * the thesis).
 */
#include "arch/ia32/paging.h"

#include <castle/address_map.h>
#include "arch/ia32/cpu.h"
#include "arch/ia32/cpulocal.h"
#include "arch/ia32/patch.h"
#include "arch/ia32/processor.h"
#include "kernel/lib/assert.h"
#include "kernel/lock/domain.h"
#include "kernel/mem/page.h"

extern const char kernel_start[], kernel_read_only_end[], boot_stack_guard[];

static page_entry_t boot_directory[PAGE_ENTRIES] __attribute__((aligned(PAGE_SIZE)))
UNGUARDED("the boot processor alone changes it once others run");
static page_entry_t first_table[PAGE_ENTRIES] SET_AT_BOOT __attribute__((aligned(PAGE_SIZE)));

CPU_LOCAL page_entry_t *global_directory;

static uint32_t global_flag(void)
{
	return processor_has(PROCESSOR_PGE) ? PAGE_GLOBAL : 0;
}

/*
 * The first 4 MB, in small pages: nothing at 0 and below the kernel stack, the kernel's text and
 * constants read-only.
 */
static void map_first_slot(void)
{
	for (uint32_t address = PAGE_SIZE; address < LARGE_PAGE_SIZE; address += PAGE_SIZE) {
		uint32_t flags = PAGE_PRESENT | global_flag();
		if (address < (uint32_t)kernel_start || address >= (uint32_t)kernel_read_only_end)
			flags |= PAGE_WRITABLE;
		first_table[PAGE_TABLE_INDEX(address)] = address | flags;
	}
	first_table[PAGE_TABLE_INDEX((uint32_t)boot_stack_guard)] = 0;
	boot_directory[0] = physical_of(first_table) | PAGE_PRESENT | PAGE_WRITABLE;
}

/*
 * What is cached is the firmware's to say, in memory type range registers (section 11.11), which
 * may allow writes to be gathered: the entries ask for no less than they do.
 */
uint32_t paging_map_window(uint32_t physical)
{
	const uint32_t start = physical & ~(LARGE_PAGE_SIZE - 1);

	for (uint32_t offset = 0; offset < PAGING_WINDOW_SIZE; offset += LARGE_PAGE_SIZE)
		boot_directory[PAGE_DIRECTORY_INDEX(PAGING_WINDOW_START + offset)] =
			(start + offset) | PAGE_PRESENT | PAGE_WRITABLE | PAGE_LARGE;
	return PAGING_WINDOW_START + (physical - start);
}

uint32_t paging_physical_end(void)
{
	return boot_directory[PAGE_DIRECTORY_INDEX(PAGING_WINDOW_START)] ? PAGING_WINDOW_START
									 : PAGING_PHYSICAL_MAX;
}

void paging_init(uint32_t memory_end)
{
	assert(memory_end <= paging_physical_end());
	map_first_slot();
	for (uint32_t address = LARGE_PAGE_SIZE; address < memory_end; address += LARGE_PAGE_SIZE)
		boot_directory[PAGE_DIRECTORY_INDEX(address)] =
			address | PAGE_PRESENT | PAGE_WRITABLE | PAGE_LARGE | global_flag();
	cpu_map_boot_slot(boot_directory);
	cr4_write(cr4_read() | CR4_PSE);
	cr3_write(physical_of(boot_directory));
	cr0_write(cr0_read() | CR0_PG | CR0_WP);
	global_directory = boot_directory;
	patch_apply();
	processor_enable();
}

bool paging_map_code(uint32_t address, uint32_t physical, uint32_t size, page_entry_t *table)
{
	const uint32_t index = PAGE_DIRECTORY_INDEX(address);
	const bool first = !(global_directory[index] & PAGE_PRESENT);

	for (uint32_t cpu = 0; first && cpu < cpu_count; cpu++) {
		page_entry_t *directory = *CPU_LOCAL_OF(cpu, global_directory);
		directory[index] = physical_of(table) | PAGE_PRESENT | PAGE_USER;
	}
	table = page_of_entry(global_directory[index]);
	for (uint32_t offset = 0; offset < size; offset += PAGE_SIZE)
		table[PAGE_TABLE_INDEX(address + offset)] =
			(physical + offset) | PAGE_PRESENT | PAGE_USER | global_flag();
	return first;
}

bool paging_map_device(uint32_t address, uint32_t physical, page_entry_t *table)
{
	page_entry_t *const entry = &global_directory[PAGE_DIRECTORY_INDEX(address)];
	const bool first = !(*entry & PAGE_PRESENT);

	assert(address < CASTLE_KERNEL_END && !(*entry & PAGE_LARGE));
	if (first)
		*entry = physical_of(table) | PAGE_PRESENT | PAGE_WRITABLE;
	table = page_of_entry(*entry);
	assert(!(table[PAGE_TABLE_INDEX(address)] & PAGE_PRESENT));
	table[PAGE_TABLE_INDEX(address)] = physical | PAGE_PRESENT | PAGE_WRITABLE | PAGE_UNCACHED;
	return first;
}

void paging_forget(void)
{
	cr3_write(cr3_read());
}

void paging_switch(page_entry_t *directory)
{
	cr3_write(physical_of(directory));
}

void paging_switch_global(page_entry_t initial_entry)
{
	global_directory[PAGE_DIRECTORY_INDEX(CASTLE_CONTAINER_BASE)] = initial_entry;
	cr3_write(physical_of(global_directory));
}
