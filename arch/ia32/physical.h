/*
 * Physical addresses, and where the kernel sees what lies there. In this address space (Figure 3.2)
 * both are the same number; code that turns one into the other says so by these, and only these
 * would change if that did. Where there is nothing, it is the table entry that says so, not an
 * address of 0.
 */
#ifndef ARCH_IA32_PHYSICAL_H
#define ARCH_IA32_PHYSICAL_H

#include <stdint.h>

/*
 * Where in physical memory something of the kernel's lies: for page table entries, CR3 and devices.
 * Nothing in the CPU-local slot may be asked for. Any context.
 */
static inline uint32_t physical_of(const void *address)
{
	return (uint32_t)(uintptr_t)address;
}

/* Where the kernel sees physical memory below PAGING_PHYSICAL_MAX. Any context. */
static inline void *kernel_address(uint32_t physical)
{
	return (void *)(uintptr_t)physical;
}

#endif
