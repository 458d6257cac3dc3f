/*
 * The processors of a multiprocessor kernel and what of theirs the others can reach. Numbers are
 * given in the order of starting; 0 is the boot processor. Their private memory is laid out in
 * arch/ia32/smp/slot.h.
 */
#ifndef ARCH_IA32_SMP_CPU_H
#define ARCH_IA32_SMP_CPU_H

#include <stdbool.h>
#include <stdint.h>
#include <castle/info.h>
#include "arch/ia32/smp/slot.h"

struct cpu {
	uint32_t apic_id;
	uint8_t *local_page;  /* its CPU-local page, where everyone sees it */
	uint32_t *slot_table; /* the page table of its CPU-local slot */
};

extern struct cpu cpus[CASTLE_CPUS_MAX];

/* Processors that run; those of cpus[] below it. */
extern uint32_t cpu_count;

/* All of them, a bit each. Any context. */
static inline uint32_t cpus_all(void)
{
	return UINT32_MAX >> (32 - cpu_count);
}

/* Where all processors see the CPU-local variable at `address` of processor `cpu`. Any context. */
static inline void *cpu_local(uint32_t cpu, const volatile void *address)
{
	return cpus[cpu].local_page + ((uintptr_t)address - CPU_LOCAL_SLOT);
}

/* The directory entry of the CPU-local slot, as processor `cpu` needs it. Any context. */
uint32_t cpu_slot_entry(uint32_t cpu);

/*
 * Puts the boot processor's CPU-local slot into its global directory, before paging is on. At boot.
 */
void cpu_map_boot_slot(uint32_t *directory);

/*
 * Makes the memory that processor `cpu` needs to start: its CPU-local slot and a copy of the boot
 * processor's global directory. 0 or -ENOMEM. At boot.
 */
int cpu_create(uint32_t cpu, uint32_t apic_id);

/* Gives back what cpu_create() made, for a processor that does not start. At boot. */
void cpu_discard(uint32_t cpu);

/*
 * Maps the local APIC's registers, at this physical address, into the slot of processor `cpu`. At
 * boot.
 */
void cpu_map_apic(uint32_t cpu, uint32_t physical);

#endif
