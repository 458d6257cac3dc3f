/*
 * Traps: exceptions, interrupts and system calls on their way into the kernel (Intel SDM volume 3,
 * chapter 6).
 */
#ifndef ARCH_IA32_TRAP_H
#define ARCH_IA32_TRAP_H

/* Exceptions (SDM volume 3, table 6-1). */
#define VECTOR_DIVIDE        0
#define VECTOR_DEBUG         1
#define VECTOR_NMI           2
#define VECTOR_BREAKPOINT    3
#define VECTOR_OVERFLOW      4
#define VECTOR_BOUND         5
#define VECTOR_ILLEGAL       6
#define VECTOR_NO_FPU        7
#define VECTOR_DOUBLE_FAULT  8
#define VECTOR_TASK_SEGMENT  10
#define VECTOR_NO_SEGMENT    11
#define VECTOR_STACK_SEGMENT 12
#define VECTOR_PROTECTION    13
#define VECTOR_PAGE_FAULT    14
#define VECTOR_FPU_ERROR     16
#define VECTOR_ALIGNMENT     17
#define VECTOR_MACHINE_CHECK 18
#define VECTOR_SIMD_ERROR    19
#define VECTOR_CONTROL_FLOW  21

/* Those for which the processor pushes an error code, a bit each. */
#define VECTORS_WITH_ERROR                                                              \
	(1 << VECTOR_DOUBLE_FAULT | 1 << VECTOR_TASK_SEGMENT | 1 << VECTOR_NO_SEGMENT | \
	 1 << VECTOR_STACK_SEGMENT | 1 << VECTOR_PROTECTION | 1 << VECTOR_PAGE_FAULT |  \
	 1 << VECTOR_ALIGNMENT | 1 << VECTOR_CONTROL_FLOW)

#define VECTOR_EXCEPTIONS 32 /* below it: exceptions */
#define VECTOR_INTERRUPTS 32 /* first of the device interrupts */
#ifdef CASTLE_SMP
#define VECTOR_INTERRUPTS_COUNT 32 /* the second half: from local APICs (arch/ia32/smp/apic.h) */
#else
#define VECTOR_INTERRUPTS_COUNT 16
#endif
#define VECTOR_SYSCALL  0x80
#define VECTOR_SYSENTER 0x81 /* no vector: what the event log calls this way in */
#define VECTOR_COUNT    0x81

/* Page fault error code (SDM volume 3, figure 4-12). */
#define FAULT_PRESENT 1u
#define FAULT_WRITE   2u
#define FAULT_USER    4u

#ifndef __ASSEMBLER__
#include <stdbool.h>
#include <stdint.h>
#include "arch/ia32/frame.h"

struct castle_kernel_page;

struct patch_jump;

/*
 * What an organisation of the kernel does between user mode and the kernel: where the entry code's
 * sites jump to, one a site (arch/ia32/entry_blocks.inc), or NULL; and the same in C, for when the
 * event log has the sites.
 */
struct trap_way {
	const struct patch_jump *jumps;
	/* Interrupts off; the vector is 0 if the current thread's frame has it. */
	void (*logged_enter)(uint32_t vector);
	void (*logged_leave)(void);
};

#define TRAP_SITE_COUNT 7

/* Nothing. */
extern const struct trap_way trap_way_plain;

/* Sets the way in and out, while the kernel's text can be written. At boot. */
void trap_choose_way(const struct trap_way *way);

/*
 * Fills the interrupt descriptor tables, and puts the stub that programs call into the kernel page.
 * At boot.
 */
void trap_init(struct castle_kernel_page *page);

/*
 * Loads the table on this processor and sets sysenter up where there is one. At boot, on each
 * processor.
 */
void trap_init_processor(void);

/*
 * Gives this processor, for good, an interrupt descriptor table of its own, and an entry for
 * sysenter. At boot, on the processor that is meant.
 */
struct gate;
void trap_own_way(const struct gate *table, uint32_t size, uint32_t sysenter);

/* Whether this processor's calls go by account_enter(). Any context. */
void trap_account(bool on);

/*
 * True if an interrupt, not a call or an exception, took the frame's thread out of user mode, and
 * the thread has not been there again. (A call leaves vector and error code as they were, but not
 * eip.) Any context.
 */
static inline bool trap_was_interrupt(const struct trap_frame *frame)
{
	return frame->vector >= VECTOR_INTERRUPTS &&
	       frame->vector < VECTOR_INTERRUPTS + VECTOR_INTERRUPTS_COUNT &&
	       frame->error == frame->eip;
}

/*
 * Leaves the kernel for the current thread, once nothing is left to do in it. Caller holds nothing.
 */
__attribute__((noreturn)) void trap_resume(void);

/* What an exception is called in messages. Any context. */
const char *trap_name(uint32_t vector);

/* Called by the entry code, interrupts off. Caller holds nothing; may block. */
void trap_from_user(struct trap_frame *frame);

/* The same in the middle of the kernel, and for what is not masked. Any context. */
void trap_from_kernel(struct trap_frame *frame);
__attribute__((noreturn)) void trap_nmi(struct trap_frame *frame);

/* Entry point of the double fault task. Any context. */
void trap_double_fault(void);
#endif

#endif
