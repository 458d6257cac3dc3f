/*
 * An area for each processor that runs kernel code, at the same address on all of them: records,
 * frames and stacks are reached without a register, and counted without a lock. It lies in the
 * CPU-local slot (arch/ia32/smp/slot.h), behind what the kernel has there, and is mapped by the
 * page table of that slot, which each processor has to itself: those of the giant lock's kernel,
 * and those of the application kernel.
 *
 * The linker leads three calls to here (--wrap): the kernel's first function, before which a paging
 * of our own is switched on, since instrumented functions run before the kernel's is; what follows
 * the kernel's; and the start of a further processor.
 */
#include "castle_kernel.h"

#include "arch/ia32/cpu.h"
#include "arch/ia32/paging.h"
#include "arch/ia32/processor.h"
#include "arch/ia32/smp/start.h"
#include "kernel/mem/page.h"

enum { BOOT_AREA_SIZE = 512 * 1024 }; /* castle_kernel.ld sees to it that this is enough */

uint8_t *lopi_areas[CASTLE_CPUS_MAX];
uint32_t lopi_area_count;

/* The boot processor's, needed before there is memory. */
static uint8_t boot_area[BOOT_AREA_SIZE] __attribute__((aligned(PAGE_SIZE)));
static page_entry_t boot_directory[PAGE_ENTRIES] __attribute__((aligned(PAGE_SIZE)));
static page_entry_t boot_table[PAGE_ENTRIES] __attribute__((aligned(PAGE_SIZE)));

void __real_kernel_main(uint32_t magic, const void *information);
void __wrap_kernel_main(uint32_t magic, const void *information);
void __real_patch_apply(void);
void __wrap_patch_apply(void);
bool __real_processor_start(uint32_t apic_id, uint32_t directory, void (*entry)(void),
			    const volatile bool *started);
bool __wrap_processor_start(uint32_t apic_id, uint32_t directory, void (*entry)(void),
			    const volatile bool *started);

static page_entry_t *slot_entry(page_entry_t *directory)
{
	return &directory[PAGE_DIRECTORY_INDEX((uintptr_t)lopi_area_start)];
}

static void map_area(page_entry_t *directory, const uint8_t *area)
{
	page_entry_t *table = (page_entry_t *)PAGE_FRAME(*slot_entry(directory));

	for (uint8_t *page = lopi_area_start; page < lopi_area_end; page += PAGE_SIZE)
		table[PAGE_TABLE_INDEX((uintptr_t)page)] =
			(uintptr_t)(area + (page - lopi_area_start)) | PAGE_PRESENT | PAGE_WRITABLE;
}

/*
 * All 4 GB, each address itself but for the area. Until the kernel switches to a directory of its
 * own it thinks that there is no paging.
 */
static void page_everything(void)
{
	for (uint32_t index = 0; index < PAGE_ENTRIES; index++)
		boot_directory[index] = index << 22 | PAGE_PRESENT | PAGE_WRITABLE | PAGE_LARGE;
	for (uint32_t index = 0; index < PAGE_ENTRIES; index++)
		boot_table[index] = (*slot_entry(boot_directory) & -LARGE_PAGE_SIZE) |
				    index << PAGE_SHIFT | PAGE_PRESENT | PAGE_WRITABLE;
	*slot_entry(boot_directory) = (uint32_t)boot_table | PAGE_PRESENT | PAGE_WRITABLE;
	map_area(boot_directory, boot_area);
	cr4_write(cr4_read() | CR4_PSE);
	cr3_write((uint32_t)boot_directory);
	cr0_write(cr0_read() | CR0_PG);
}

void __wrap_kernel_main(uint32_t magic, const void *information)
{
	lopi_areas[lopi_area_count++] = boot_area;
	page_everything();
	__real_kernel_main(magic, information);
}

/* The kernel's own paging has just been switched on. A uniprocessor kernel has nothing in the slot.
 */
void __wrap_patch_apply(void)
{
	page_entry_t *directory = (page_entry_t *)PAGE_FRAME(cr3_read());

	if (!(*slot_entry(directory) & PAGE_PRESENT)) {
		for (uint32_t index = 0; index < PAGE_ENTRIES; index++)
			boot_table[index] = 0;
		*slot_entry(directory) = (uint32_t)boot_table | PAGE_PRESENT | PAGE_WRITABLE;
	}
	map_area(directory, boot_area);
	cr3_write((uint32_t)directory);
	if (lopi_sites_note)
		lopi_sites_note();
	__real_patch_apply();
	if (lopi_switch_at_boot)
		lopi_switch_at_boot();
}

/* One for whose area there is no memory is not started, and counts as one that does not answer. */
bool __wrap_processor_start(uint32_t apic_id, uint32_t directory, void (*entry)(void),
			    const volatile bool *started)
{
	uint8_t *area = lopi_run_get(lopi_area_end - lopi_area_start);

	if (!area)
		return false;
	map_area((page_entry_t *)directory, area);
	lopi_areas[lopi_area_count++] = area;
	if (__real_processor_start(apic_id, directory, entry, started))
		return true;
	lopi_area_count--;
	return false;
}
