/*
 * Calls answered where they are made (Section 4.7: "sleeping, yielding the CPU and returning the
 * process ID of the current process"): an option, apkern.local=on.
 */
#ifndef KERNEL_APPKERN_LOCAL_H
#define KERNEL_APPKERN_LOCAL_H

#include "kernel/appkern/thread.h"

/* Answers the thread's system call if that can be done here: who goes on. NULL: it cannot. */
struct application_thread *local_call(struct application_thread *thread);

/* At each tick of an application processor: wakes whose time has come. */
void local_tick(void);

/*
 * On the boot processor: end the sleep of a thread, which is stopped then. For a signal, in the
 * thread's own process, which is told how much of it was left; or since the process ends.
 */
void local_sleep_interrupt(struct application_thread *thread);
void local_sleep_cancel(struct application_thread *thread);

#endif
