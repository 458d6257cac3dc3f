/*
 * What a processor holds of its current thread beyond the trap frame: where its registers are to be
 * saved, its %gs, and floating-point state, which is like the kernel's (arch/ia32/fpu.h), given at
 * the first use. That is saved whenever a thread leaves its processor, so that it can go on at any
 * other.
 *
 * On an application processor, of its current thread.
 * Contract of all functions here: Caller holds nothing.
 */
#ifndef KERNEL_APPKERN_IA32_LOAD_H
#define KERNEL_APPKERN_IA32_LOAD_H

#include "arch/ia32/cpu.h"
#include "kernel/appkern/ia32/processor.h"
#include "kernel/appkern/thread.h"

static inline void application_fpu_save(struct application_thread *thread)
{
	if (!thread->registers.fpu_used)
		return;
	fpu_image_save(&thread->registers.fpu);
	if (!processor_has(PROCESSOR_FXSR))
		thread->reload = true; /* fnsave has cleared the registers */
}

/* Loads what the thread has, or makes its first use trap. */
static inline void application_fpu_load(const struct application_thread *thread)
{
	if (thread->registers.fpu_used) {
		fpu_trap_off();
		fpu_image_load(&thread->registers.fpu);
	} else {
		cr0_write(cr0_read() | CR0_TS);
	}
}

/* The current thread's first use. */
static inline void application_fpu_start(struct application_thread *thread)
{
	fpu_trap_off();
	thread->registers.fpu_used = true;
	fpu_image_start(&thread->registers.fpu);
}

/* The thread is another than the one before. */
static inline void application_registers_load(const struct application_thread *thread)
{
	const uint32_t frame_end = (uint32_t)(&thread->registers.frame + 1);
	struct descriptor *tls = &this_processor->descriptors[SEGMENT_USER_TLS / 8];

	this_processor->tss.esp0 = frame_end;
	this_processor->sysenter_stack.frame_end = frame_end;
	descriptor_set_base(tls, thread->registers.tls);
	__asm__ volatile("movw %w0, %%gs" : : "r"(SEGMENT_USER_TLS));
	application_fpu_load(thread);
}

#endif
