/*
 * The processors' private memory: the CPU-local slot and the global page directory (Section 3.3.2).
 */
#include "arch/ia32/smp/cpu.h"

#include <castle/errno.h>
#include <stddef.h>
#include "arch/ia32/cpulocal.h"
#include "arch/ia32/paging.h"
#include "kernel/lib/string.h"
#include "kernel/lock/domain.h"
#include "kernel/mem/page.h"

#define STACK_ORDER 5 /* 128 KB (design: Kernel execution) */

struct cpu cpus[CASTLE_CPUS_MAX] SET_AT_BOOT;
uint32_t cpu_count SET_AT_BOOT = 1;
CPU_LOCAL uint32_t cpu_number;

/* The boot processor's, which are needed before there is a page allocator. */
static page_entry_t boot_slot_table[PAGE_ENTRIES] SET_AT_BOOT __attribute__((aligned(PAGE_SIZE)));
static uint8_t boot_local_page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)))
UNGUARDED("the boot processor's CPU-local variables");

uint32_t cpu_slot_entry(uint32_t cpu)
{
	return physical_of(cpus[cpu].slot_table) | PAGE_PRESENT | PAGE_WRITABLE;
}

static void slot_map(uint32_t cpu, uint32_t address, uint32_t physical, uint32_t flags)
{
	cpus[cpu].slot_table[PAGE_TABLE_INDEX(address)] =
		physical | PAGE_PRESENT | PAGE_WRITABLE | flags;
}

void cpu_map_boot_slot(uint32_t *directory)
{
	cpus[0].local_page = boot_local_page;
	cpus[0].slot_table = boot_slot_table;
	slot_map(0, CPU_LOCAL_SLOT, physical_of(boot_local_page), 0);
	directory[PAGE_DIRECTORY_INDEX(CPU_LOCAL_SLOT)] = cpu_slot_entry(0);
}

void cpu_map_apic(uint32_t cpu, uint32_t physical)
{
	slot_map(cpu, CPU_LOCAL_APIC, physical, PAGE_UNCACHED);
}

/* What cpu_create() allocates, to be had or given back together. */
struct cpu_memory {
	void *table, *local_page, *directory, *fault_stack, *stack;
};

static void memory_free(const struct cpu_memory *memory)
{
	void *const pages[] = { memory->table, memory->local_page, memory->directory,
				memory->fault_stack };

	for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
		if (pages[i])
			page_free(pages[i]);
	if (memory->stack)
		page_free_run(memory->stack, STACK_ORDER);
}

static bool memory_alloc(struct cpu_memory *memory)
{
	*memory = (struct cpu_memory){
		.table = page_alloc_zeroed(),
		.local_page = page_alloc_zeroed(),
		.directory = page_alloc(),
		.fault_stack = page_alloc(),
		.stack = page_alloc_run(STACK_ORDER),
	};
	return memory->table && memory->local_page && memory->directory && memory->fault_stack &&
	       memory->stack;
}

static void directory_fill(uint32_t cpu, page_entry_t *directory)
{
	memcpy(directory, global_directory, PAGE_SIZE);
	directory[PAGE_DIRECTORY_INDEX(CPU_LOCAL_SLOT)] = cpu_slot_entry(cpu);
	*CPU_LOCAL_MADE(cpu, global_directory) = directory;
}

int cpu_create(uint32_t cpu, uint32_t apic_id)
{
	struct cpu_memory memory;

	if (!memory_alloc(&memory)) {
		memory_free(&memory);
		return -ENOMEM;
	}
	cpus[cpu] = (struct cpu){ apic_id, memory.local_page, memory.table };
	slot_map(cpu, CPU_LOCAL_SLOT, physical_of(memory.local_page), 0);
	slot_map(cpu, CPU_LOCAL_FAULT_STACK, physical_of(memory.fault_stack), 0);
	for (uint32_t offset = 0; offset < PAGE_SIZE << STACK_ORDER; offset += PAGE_SIZE)
		slot_map(cpu, CPU_LOCAL_STACK + offset, physical_of(memory.stack) + offset, 0);
	directory_fill(cpu, memory.directory);
	*CPU_LOCAL_MADE(cpu, cpu_number) = cpu;
	return 0;
}

void cpu_discard(uint32_t cpu)
{
	page_entry_t *const table = cpus[cpu].slot_table;
	const struct cpu_memory memory = {
		.table = table,
		.local_page = cpus[cpu].local_page,
		.directory = *CPU_LOCAL_MADE(cpu, global_directory),
		.fault_stack = page_of_entry(table[PAGE_TABLE_INDEX(CPU_LOCAL_FAULT_STACK)]),
		.stack = page_of_entry(table[PAGE_TABLE_INDEX(CPU_LOCAL_STACK)]),
	};

	memory_free(&memory);
}
