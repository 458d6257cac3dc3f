/*
 * The part of a thread's context that stays in the processor while the kernel runs: floating-point
 * registers, the base of %gs, and where the next kernel entry saves registers.
 */
#ifndef ARCH_IA32_CONTEXT_H
#define ARCH_IA32_CONTEXT_H

#include "arch/ia32/cpu.h"
#include "arch/ia32/fpu.h"
#include "arch/ia32/segments.h"
#include "kernel/lock/domain.h"
#include "kernel/sched/thread.h"

/* Replaces the context of `from` (NULL: nobody's) with that of `to`. Any context, not at first
 * level. */
static inline void context_load(struct thread *from, struct thread *to)
{
	segments_set_frame_end(&to->frame + 1);
	segments_set_tls(to->tls_base);
	fpu_switch(from, to);
}

/* Saves the context of `from` for another processor to load. Any context, not at first level. */
static inline void context_save(struct thread *from)
{
	fpu_unload(from);
}

/*
 * The frame of a thread that starts at `entry` with stack pointer `stack`. Any context (the thread
 * is new, or the caller).
 */
static inline void context_start(struct thread *thread, uint32_t entry, uint32_t stack)
{
	thread->frame = (struct trap_frame){
		.eip = entry,
		.cs = SEGMENT_USER_CODE,
		.eflags = EFLAGS_FIXED | EFLAGS_IF,
		.esp = stack,
		.ss = SEGMENT_USER_DATA,
	};
}

#endif
