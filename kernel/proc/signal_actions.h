/*
 * The handlers of a process, and the frame on the program's stack in which a handler runs.
 */
#ifndef KERNEL_PROC_SIGNAL_ACTIONS_H
#define KERNEL_PROC_SIGNAL_ACTIONS_H

#include <castle/abi.h>

struct process;
struct thread;

/* Made when a process sets its first handler: most never do. */
struct signal_actions {
	struct castle_sigaction action[CASTLE_SIGNAL_COUNT];
};

/* 0 or -ENOMEM. Caller holds process. */
int signal_action_set(struct process *process, uint32_t signal,
		      const struct castle_sigaction *action);

/*
 * Makes the current thread enter the handler when it returns to user mode, with floating-point
 * registers as a thread starts with them; sigreturn() gives it back those that it had. 0 or
 * -EFAULT. Caller holds process.
 */
int signal_frame_push(struct thread *thread, uint32_t signal,
		      const struct castle_signal_info *told);

#endif
