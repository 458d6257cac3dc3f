/*
 * Stopping and continuing processes (POSIX.1-2017, section 2.4.3, and job control, section 11.1):
 * what SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU and SIGCONT do.
 */
#ifndef KERNEL_PROC_STOP_H
#define KERNEL_PROC_STOP_H

#include <stdbool.h>
#include <stdint.h>
#include <castle/abi.h>

struct process;
struct thread;

/* Those whose default is to stop the process, a bit each. */
#define STOP_SIGNALS \
	(1u << CASTLE_SIGSTOP | 1u << CASTLE_SIGTSTP | 1u << CASTLE_SIGTTIN | 1u << CASTLE_SIGTTOU)

/* Those and the one that continues it. */
#define STOP_OR_CONTINUE (STOP_SIGNALS | 1u << CASTLE_SIGCONT)

/*
 * One of STOP_OR_CONTINUE has been sent, whatever becomes of it: pending ones of the other kind are
 * forgotten, and SIGCONT continues the process. Caller holds process.
 */
void stop_signal_sent(struct process *process, uint32_t signal);

/*
 * The default action of one of STOP_SIGNALS: no thread of the process returns to user mode until
 * SIGCONT; one that waits in a call does so on. The parent is told. Nothing happens if nobody could
 * continue it (an orphaned group), unless the signal is SIGSTOP. Caller holds process.
 */
void stop_process(struct process *process, uint32_t signal);

/*
 * The current thread, on its way to user mode, waits until its process is continued, or is to end.
 * Caller holds process; may block.
 */
void stop_thread(void);

/*
 * The current thread asked something of the terminal that its group, in the background, may not:
 * the group gets the signal, and the call starts over when it is continued. What the call returns:
 * CALL_BLOCKED, -EINTR if there is a handler, or -EIO if the signal would have no effect. Caller
 * holds tasks; may block.
 */
int32_t stop_in_background(uint32_t signal);

/* True if the current thread would take the signal: its process does not ignore it. Caller holds
 * tasks. */
bool stop_signal_counts(uint32_t signal);

/*
 * The process has lost its parent, or has ended: if its group, another one than its parent's was,
 * is orphaned now, and some of it is stopped, it gets SIGHUP and SIGCONT. Caller holds nothing.
 */
void stop_orphaned(int32_t group);

/* What wait() reports of a process that has not ended: its status word. Caller holds process (the
 * parent's). */
int32_t stop_status(const struct process *process);

#endif
