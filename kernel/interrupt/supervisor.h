/*
 * Supervisor signals: the second level of interrupt work, run just before leaving the kernel for
 * user mode or the idle loop. They run in kernel context, never in the middle of other kernel code.
 */
#ifndef KERNEL_INTERRUPT_SUPERVISOR_H
#define KERNEL_INTERRUPT_SUPERVISOR_H

#include <stdint.h>
#include "arch/ia32/cpulocal.h"
#include "kernel/interrupt/exit_work.h"

enum supervisor_signal {
	SUPERVISOR_TIMER, /* a tick, on the processor that counts them */
	SUPERVISOR_CONSOLE,
	SUPERVISOR_DRIVER, /* drivers' second level */
#ifdef CASTLE_SMP
	SUPERVISOR_SLICE,      /* a further processor's timer */
	SUPERVISOR_RESCHEDULE, /* another processor found work for this one */
#endif
	SUPERVISOR_COUNT,
};

/* Zero when the processor may go straight back to user mode. Read by the entry code. */
extern CPU_LOCAL volatile uint32_t kernel_exit_work;

/*
 * One instruction, so that an interrupt cannot come between reading and writing. Any context (this
 * processor's own).
 */
static inline void exit_work_set(uint32_t bits)
{
	__asm__ volatile("orl %1, %0" : "+m"(kernel_exit_work) : "ri"(bits) : "cc");
}

/* Any context (this processor's own). */
static inline void exit_work_clear(uint32_t bits)
{
	__asm__ volatile("andl %1, %0" : "+m"(kernel_exit_work) : "ri"(~bits) : "cc");
}

/*
 * From a first-level handler: asks for the signal's handler to run. Any context (this processor's
 * own).
 */
static inline void supervisor_raise(enum supervisor_signal signal)
{
	exit_work_set(1u << signal);
}

/*
 * The signals that have been raised and not run yet, a bit each. Any context (this processor's
 * own).
 */
static inline uint32_t supervisor_pending(void)
{
	return kernel_exit_work & ((1u << SUPERVISOR_COUNT) - 1);
}

/*
 * Has `work` run each time that the signal was raised, after what was registered before. Several
 * parts of the kernel may share a signal: each finds out for itself whether there is work for it.
 * At boot.
 */
void supervisor_register(enum supervisor_signal signal, void (*work)(void));

/* Runs the handlers of all signals raised, which take what they need. Caller holds nothing. */
void supervisor_run(void);

#endif
