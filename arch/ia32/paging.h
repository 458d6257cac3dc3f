/*
 * Two-level paging (Intel SDM volume 3, section 4.3; Figure 3.2 of the thesis): page directories,
 * page tables, and the global page directory that the kernel and single-threaded containers run in.
 */
#ifndef ARCH_IA32_PAGING_H
#define ARCH_IA32_PAGING_H

#include <stdbool.h>
#include <stdint.h>
#include "arch/ia32/cpulocal.h"
#include "arch/ia32/physical.h"

#define PAGE_PRESENT  (1u << 0)
#define PAGE_WRITABLE (1u << 1)
#define PAGE_USER     (1u << 2)
#define PAGE_UNCACHED (3u << 3)  /* not cached, writes go through: for device registers */
#define PAGE_LARGE    (1u << 7)  /* 4 MB, in a directory entry */
#define PAGE_GLOBAL   (1u << 8)  /* stays in the TLB across cr3 loads */
#define PAGE_SHARED   (1u << 9)  /* for software: others map the page, too; it is not writable */
#define PAGE_COMMON   (1u << 10) /* for software: others see what is written; never copied */

#define PAGE_FRAME(entry)             ((entry) & ~0xfffu)
#define PAGE_ENTRIES                  1024u
#define LARGE_PAGE_SIZE               0x400000u
#define PAGE_DIRECTORY_INDEX(address) ((address) >> 22)
#define PAGE_TABLE_INDEX(address)     ((address) >> 12 & 1023)

typedef uint32_t page_entry_t;

/* The page, or page table, that a present entry names, as the kernel sees it. Any context. */
static inline void *page_of_entry(page_entry_t entry)
{
	return kernel_address(PAGE_FRAME(entry));
}

/*
 * The highest physical address, exclusive, that the kernel maps: the rest of its range is reserved.
 */
#define PAGING_PHYSICAL_MAX 0x3f800000u

/*
 * Where memory of a device, larger than registers are, is mapped; memory of programs ends there
 * then.
 */
#define PAGING_WINDOW_SIZE  0x1000000u
#define PAGING_WINDOW_START (PAGING_PHYSICAL_MAX - PAGING_WINDOW_SIZE)

/*
 * Has paging_init() map PAGING_WINDOW_SIZE bytes or nearly from `physical` on, at the address
 * returned, for the kernel alone. One may. At boot.
 */
uint32_t paging_map_window(uint32_t physical);

/* The end of what the kernel maps of physical memory, as far as there is any. At boot. */
uint32_t paging_physical_end(void);

/*
 * Builds the global page directory for physical memory up to `memory_end` and switches paging on.
 * Kernel text becomes read-only, page 0 is left out. The first 4 MB must be free memory's to boot
 * with; no allocation takes place. At boot.
 */
void paging_init(uint32_t memory_end);

/* The global page directory of this processor. */
extern CPU_LOCAL page_entry_t *global_directory;

/*
 * Maps pages into the code range of all global directories, readable by programs. `table` is a
 * zeroed page that becomes the page table if the slot has none yet; returns whether it was used. At
 * boot.
 */
bool paging_map_code(uint32_t address, uint32_t physical, uint32_t size, page_entry_t *table);

/*
 * Maps one page of device registers, uncached and for the kernel alone, at `address` in the
 * kernel's own range of this processor's global directory, where nothing is yet. `table` is a
 * zeroed page that becomes the page table if the slot has none yet; returns whether it was used.
 * Call before the first container is made: each copies the directory as it is then. At boot.
 */
bool paging_map_device(uint32_t address, uint32_t physical, page_entry_t *table);

/* Forgets translations that have become wrong, but for global ones. Any context, on the processor
 * that is meant. */
void paging_forget(void);

/* Makes `directory` active. Any context, on the processor that is meant. */
void paging_switch(page_entry_t *directory);

/*
 * Makes the global directory active, with `initial_entry` for the container's initial 4 MB. Any
 * context, on the processor that is meant.
 */
void paging_switch_global(page_entry_t initial_entry);

#endif
