/*
 * The way out of the kernel, where something is left to do.
 */
#ifndef KERNEL_ENTRY_LEAVE_H
#define KERNEL_ENTRY_LEAVE_H

/*
 * Called by the entry code, interrupts off, while kernel_exit_work is not zero. Leaves a current
 * thread that may go on; more work may have come up meanwhile, so the entry code looks again.
 * Caller holds nothing (of a lower rank than what the work takes).
 */
void kernel_exit_work_run(void);

/* The current thread takes its signals, and may be gone then. Caller holds nothing; may block. */
void leave_take_signals(void);

#endif
