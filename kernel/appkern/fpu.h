/*
 * Floating-point state of application threads: like the kernel's (arch/ia32/fpu.h), given at the
 * first use. It is saved whenever a thread leaves its processor, so that it can go on at any other.
 *
 * On an application processor, of its current thread.
 * Contract of all functions here: Caller holds nothing.
 */
#ifndef KERNEL_APPKERN_FPU_H
#define KERNEL_APPKERN_FPU_H

#include "arch/ia32/cpu.h"
#include "kernel/appkern/thread.h"

static inline void application_fpu_save(struct application_thread *thread)
{
	if (!thread->fpu_used)
		return;
	fpu_image_save(&thread->fpu);
	if (!processor_has(PROCESSOR_FXSR))
		thread->reload = true; /* fnsave has cleared the registers */
}

/* Loads what the thread has, or makes its first use trap. */
static inline void application_fpu_load(const struct application_thread *thread)
{
	if (thread->fpu_used) {
		fpu_trap_off();
		fpu_image_load(&thread->fpu);
	} else {
		cr0_write(cr0_read() | CR0_TS);
	}
}

/* The current thread's first use. */
static inline void application_fpu_start(struct application_thread *thread)
{
	fpu_trap_off();
	thread->fpu_used = true;
	fpu_image_start(&thread->fpu);
}

#endif
