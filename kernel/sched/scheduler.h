/*
 * The scheduler. All that another organisation of the kernel would replace (which queue, which
 * thread next, which processor) is behind these functions and scheduler.c.
 *
 * Caller must hold the kernel (the giant lock, where there is one).
 */
#ifndef KERNEL_SCHED_SCHEDULER_H
#define KERNEL_SCHED_SCHEDULER_H

#include <stdint.h>
#include "arch/ia32/cpulocal.h"

struct thread;

void scheduler_init(void);

/* Makes a new thread ready for the first time. */
void scheduler_start(struct thread *thread);

/* Puts a thread into the ready queue; the current one makes way if its priority is lower. */
void scheduler_ready(struct thread *thread);

/*
 * Takes a thread that is ready or running out of the scheduler's hands, for it to wait or to end.
 */
void scheduler_remove(struct thread *thread);

/* True if some other thread would run if the current one yielded. */
int scheduler_has_other(void);

/* Puts the current thread at the end of its priority; the caller then returns CALL_BLOCKED. */
void scheduler_put_back(void);

/*
 * Chooses the next thread, idling until there is one, makes it the current one in its address
 * space, and runs its continuation, until one comes out that returns to user mode. Called when the
 * processor has no current thread.
 */
void scheduler_run(void);

/* On the way out of the kernel: as above, after putting the current thread, if any, back. */
void scheduler_yield_or_run(void);

/* Once a tick, at second level: time slices and accounting. */
void scheduler_tick(void);

/* The thread is being freed: forget that its context is loaded. */
void scheduler_forget(const struct thread *thread);

/* Saves the loaded context for another processor to load. */
void scheduler_unload(void);

/* The number of the processor that the caller runs on. */
int32_t sys_getcpu(void);

#endif
