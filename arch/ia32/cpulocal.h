/*
 * CPU-local data (Section 3.3.2): variables that each processor has its own copy of, at one
 * address. Declared with CPU_LOCAL and accessed like any variable. In a multiprocessor kernel they
 * make up one page of the CPU-local slot, the 4 MB of the kernel's address range whose page table
 * is private to each processor; in the uniprocessor kernel, they are plain variables.
 *
 * CPU-local variables start as zero on every processor, so they take no initialiser, and they exist
 * from paging_init() on.
 */
#ifndef ARCH_IA32_CPULOCAL_H
#define ARCH_IA32_CPULOCAL_H

#ifdef CASTLE_SMP
#include "arch/ia32/smp/cpu.h"

/*
 * The # hides from the assembler that the compiler thinks of initialised data: a value is refused.
 */
#define CPU_LOCAL __attribute__((section(".cpulocal,\"aw\",@nobits#")))

/* This processor's number: 0 for the boot processor. */
extern CPU_LOCAL uint32_t cpu_number;

/* Laid out for one: that is where a few instructions more are the most noticed. */
#define several_processors() __builtin_expect(cpu_count > 1, 0)

/* Where processor `cpu` has a CPU-local variable: an address that is valid on all of them. */
#define CPU_LOCAL_OF(cpu, variable) \
	(several_processors() ? CPU_LOCAL_MADE(cpu, variable) : &(variable))

/* The same for a processor that cpu_create() has made and that does not count yet. */
#define CPU_LOCAL_MADE(cpu, variable) ((__typeof__(&(variable)))cpu_local(cpu, &(variable)))

#else
#define CPU_LOCAL
#define cpu_number                   0u
#define cpu_count                    1u
#define several_processors()         0
#define CPU_LOCAL_OF(cpu, variable)  ((void)(cpu), &(variable))
#define CPU_LOCAL_MADE               CPU_LOCAL_OF
#define cpu_map_boot_slot(directory) ((void)0)
#endif

#endif
