/*
 * Supervisor signals and what else is to do on the way out of the kernel.
 */
#include "kernel/interrupt/supervisor.h"

#include <stddef.h>
#include "arch/ia32/cpu.h"
#include "kernel/lib/assert.h"
#include "kernel/lock/domain.h"
#include "kernel/sched/scheduler.h"
#include "kernel/proc/signal.h"
#include "kernel/sched/thread.h"

CPU_LOCAL volatile uint32_t kernel_exit_work;

static void (*handlers[SUPERVISOR_COUNT])(void) SET_AT_BOOT;

void supervisor_register(enum supervisor_signal signal, void (*handler)(void))
{
	assert(!handlers[signal]);
	handlers[signal] = handler;
}

void supervisor_run(void)
{
	assert_held(kernel);
	for (;;) {
		const uint32_t raised = supervisor_pending();
		if (!raised)
			return;
		const uint32_t signal = __builtin_ctz(raised);
		exit_work_clear(1u << signal);
		handlers[signal]();
	}
}

void kernel_exit_work_run(void)
{
	assert_held(kernel);
	interrupts_on();
	supervisor_run();
	if (!current_thread || kernel_exit_work & EXIT_WORK_SCHEDULE)
		scheduler_yield_or_run();
	if (kernel_exit_work & EXIT_WORK_USER_SIGNAL)
		signal_deliver_pending();
}
