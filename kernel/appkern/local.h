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
 * On the boot processor, in the thread's own process: application_stop() has ended the thread's
 * sleep, for a signal. The call fails, and tells how much of the sleep was left.
 */
void local_sleep_interrupted(struct application_thread *thread);

#endif
