/*
 * The application kernel's traps: each application processor's interrupt descriptor table leads
 * here, not into the kernel (Section 4.3.3, requirement 3). All of it is on application processors,
 * interrupts off.
 *
 * Contract of all functions here: Any context.
 */
#ifndef KERNEL_APPKERN_IA32_ENTRY_H
#define KERNEL_APPKERN_IA32_ENTRY_H

#include "arch/ia32/smp/slot.h"
#include "arch/ia32/trap.h"

#define APPLICATION_LINES_FIRST  16 /* the local APIC's: the 8259's go to the boot processor */
#define APPLICATION_LINES        16
#define APPLICATION_VECTOR_FIRST (VECTOR_INTERRUPTS + APPLICATION_LINES_FIRST)

#ifndef __ASSEMBLER__
#include <stdint.h>
#include "arch/ia32/frame.h"

struct application_thread;

/*
 * Entry points: exceptions by vector, then interrupts by line from the first one.
 */
extern const uint32_t application_exception_stubs[VECTOR_EXCEPTIONS];
extern const uint32_t application_interrupt_stubs[APPLICATION_LINES];

/* Entry points of system calls, for the processor alone to enter. Any context. */
void application_entry_int80(void);
void application_entry_sysenter(void);

/* Goes to user mode with this thread. Caller holds nothing. */
__attribute__((noreturn)) void application_resume(struct application_thread *thread);

/*
 * Called by the entry code with interrupts off; the thread that they return goes on. Interrupts are
 * numbered from the first line on. Caller holds nothing.
 */
struct application_thread *application_call(struct application_thread *thread);
struct application_thread *application_exception(struct application_thread *thread);
struct application_thread *application_interrupt(struct application_thread *thread,
						 uint32_t number);

/*
 * The same while the application kernel itself ran: an interrupt while halted, or a defect. Any
 * context.
 */
void application_interrupt_idle(uint32_t number);
__attribute__((noreturn)) void application_exception_in_kernel(const struct trap_frame *frame);
#endif

#endif
