/*
 * What the part of the application kernel that knows no processor asks of it; what it includes of
 * this folder, it includes here. On another processor this would be
 *
 * - struct application_registers (registers.h), and what a call is by them, below;
 * - struct application_processor, the one that this runs on (this_processor), how one interrupts
 *   another, and the boot processor (processor.h, notify.h);
 * - address spaces (space.h);
 * - what a processor holds of a thread (load.h);
 * - cpu_pause(), cpu_wait_for_interrupt() and cpu_cycles().
 *
 * Contract of all functions here: Any context.
 */
#ifndef KERNEL_APPKERN_IA32_MACHINE_H
#define KERNEL_APPKERN_IA32_MACHINE_H

#include "arch/ia32/cpu.h"
#include "kernel/appkern/ia32/load.h"
#include "kernel/appkern/ia32/notify.h"
#include "kernel/appkern/ia32/processor.h"
#include "kernel/appkern/ia32/registers.h"
#include "kernel/appkern/ia32/space.h"

/* A system call: its number, its arguments from the first on, its result. */
#define CALL_ARGUMENTS 4

static inline uint32_t registers_call(const struct application_registers *registers)
{
	return registers->frame.eax;
}

static inline __attribute__((always_inline)) uint32_t
registers_argument(const struct application_registers *registers, unsigned number)
{
	const struct trap_frame *frame = &registers->frame;
	const uint32_t arguments[CALL_ARGUMENTS] = { frame->ebx, frame->esi, frame->edi,
						     frame->ebp };

	return arguments[number];
}

static inline void registers_return(struct application_registers *registers, int32_t result)
{
	registers->frame.eax = result;
}

static inline uint32_t registers_instruction(const struct application_registers *registers)
{
	return registers->frame.eip;
}

static inline uint32_t registers_exception(const struct application_registers *registers)
{
	return registers->frame.vector;
}

#endif
