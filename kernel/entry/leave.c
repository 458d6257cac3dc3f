/*
 * What is left to do on the way out of the kernel, in this order: second-level interrupt work,
 * which may wake threads; the choice of the thread to go on with; that thread's signals.
 */
#include "kernel/entry/leave.h"

#include "arch/ia32/cpu.h"
#include "kernel/interrupt/supervisor.h"
#include "kernel/lock/domain.h"
#include "kernel/lock/lock.h"
#include "kernel/proc/process.h"
#include "kernel/proc/signal.h"
#include "kernel/sched/scheduler.h"
#include "kernel/sched/thread.h"

/* Apart, since it is seldom. */
__attribute__((noinline)) void leave_take_signals(void)
{
	struct thread *thread = current_thread;
	struct process *process = thread->process;
	bool stays;

	process_lock(process);
	stays = signal_deliver_pending();
	process_unlock(process);
	if (!stays)
		thread_leave(thread);
}

void kernel_exit_work_run(void)
{
	interrupts_on();
	supervisor_run();
	if (!current_thread)
		scheduler_run();
	else if (kernel_exit_work & EXIT_WORK_SCHEDULE)
		scheduler_make_way();
	if (kernel_exit_work & EXIT_WORK_USER_SIGNAL)
		leave_take_signals();
}
