/*
 * Calls answered where they are made (Section 4.7: "sleeping, yielding the CPU and returning the
 * process ID of the current process"): an option, apkern.local=on.
 */
#ifndef KERNEL_APPKERN_LOCAL_H
#define KERNEL_APPKERN_LOCAL_H

#include "kernel/appkern/thread.h"

/*
 * On an application processor: answers its current thread's system call if that can be done here.
 * The thread that goes on; NULL: it cannot. Caller holds nothing.
 */
struct application_thread *local_call(struct application_thread *thread);

/*
 * At each tick of an application processor: wakes the threads whose time has come. Caller holds
 * nothing.
 */
void local_tick(void);

/*
 * On the boot processor, in the thread's own process: application_stop() has ended the thread's
 * sleep, for a signal. The call fails, and tells how much of the sleep was left. Caller holds
 * driver.
 */
void local_sleep_interrupted(struct application_thread *thread);

#endif
