/*
 * Traps: exceptions, interrupts and system calls on their way into the kernel (Intel SDM volume 3,
 * chapter 6).
 */
#ifndef ARCH_IA32_TRAP_H
#define ARCH_IA32_TRAP_H

#define VECTOR_DEBUG         1
#define VECTOR_NMI           2
#define VECTOR_BREAKPOINT    3
#define VECTOR_OVERFLOW      4
#define VECTOR_NO_FPU        7
#define VECTOR_DOUBLE_FAULT  8
#define VECTOR_PAGE_FAULT    14
#define VECTOR_MACHINE_CHECK 18
#define VECTOR_EXCEPTIONS    32 /* below it: exceptions */
#define VECTOR_INTERRUPTS    32 /* first of the device interrupts */
#ifdef CASTLE_SMP
#define VECTOR_INTERRUPTS_COUNT 32 /* the second half: from local APICs (arch/ia32/smp/apic.h) */
#else
#define VECTOR_INTERRUPTS_COUNT 16
#endif
#define VECTOR_SYSCALL  0x80
#define VECTOR_SYSENTER 0x81 /* not a vector: marks frames saved by sysenter */
#define VECTOR_COUNT    0x82

/* Page fault error code (SDM volume 3, figure 4-12). */
#define FAULT_PRESENT 1u
#define FAULT_WRITE   2u
#define FAULT_USER    4u

#ifndef __ASSEMBLER__
#include <stdint.h>
#include "arch/ia32/frame.h"

struct castle_kernel_page;

/* A way into the kernel: the entry points that the processor is told of (arch/ia32/entry.S). */
struct trap_entries {
	uint32_t int80, sysenter;
	void (*resume)(void); /* to user mode, out of the kernel; does not return */
	uint32_t stubs[VECTOR_INTERRUPTS + VECTOR_INTERRUPTS_COUNT]; /* by vector */
};

extern const struct trap_entries trap_entries, trap_entries_traced;

/*
 * Fills the interrupt descriptor table, and puts the stub that programs call into the kernel page.
 * At boot.
 */
void trap_init(const struct trap_entries *entries, struct castle_kernel_page *page);

/*
 * Loads the table on this processor and sets sysenter up where there is one. At boot, on each
 * processor.
 */
void trap_init_processor(void);

/*
 * Leaves the kernel for the current thread, once nothing is left to do in it. Caller holds kernel.
 */
__attribute__((noreturn)) void trap_resume(void);

/* What an exception is called in messages. Any context. */
const char *trap_name(uint32_t vector);

/* Called by the entry code, interrupts off. Caller holds kernel; may block. */
void trap_from_user(struct trap_frame *frame);

/* The same in the middle of the kernel, and for what is not masked. Any context. */
void trap_from_kernel(struct trap_frame *frame);
__attribute__((noreturn)) void trap_nmi(struct trap_frame *frame);

/* Entry point of the double fault task. Any context. */
void trap_double_fault(void);
#endif

#endif
