/*
 * The CPU-local slot: the last 4 MB of the kernel's address range, the same addresses on every
 * processor, other memory behind them.
 *
 *	page 0		the CPU-local page: all variables declared with CPU_LOCAL
 *	page 1		the local APIC's registers
 *	page 2		the application kernel's CPU-local page
 *	page 3		the stack for double faults
 *	pages 5 to 36	the kernel stack, an unmapped page below it
 *
 * The boot processor has been running on a stack elsewhere and stays there; a uniprocessor kernel
 * has its variables elsewhere, too. No mapping of the slot is global: hyperthreads may share TLB
 * entries.
 */
#ifndef ARCH_IA32_SMP_SLOT_H
#define ARCH_IA32_SMP_SLOT_H

#define CPU_LOCAL_SLOT        0x3fc00000
#define CPU_LOCAL_APIC        (CPU_LOCAL_SLOT + 0x1000)
#define CPU_LOCAL_APPKERN     (CPU_LOCAL_SLOT + 0x2000)
#define CPU_LOCAL_FAULT_STACK (CPU_LOCAL_SLOT + 0x3000)
#define CPU_LOCAL_STACK       (CPU_LOCAL_SLOT + 0x5000)
#define CPU_LOCAL_STACK_TOP   (CPU_LOCAL_STACK + 0x20000)

#endif
