/*
 * The scheduler: priorities and time slices, switching, the idle loop. Which thread a processor
 * takes next, and which processor a thread runs on, is placement's to say (placement.h).
 */
#ifndef KERNEL_SCHED_SCHEDULER_H
#define KERNEL_SCHED_SCHEDULER_H

#include <stdbool.h>
#include <stdint.h>
#include "arch/ia32/cpulocal.h"
#include "kernel/interrupt/supervisor.h"
#include "kernel/sched/placement.h"

/* At boot. */
void scheduler_init(void);

/* Makes a new thread ready for the first time. Caller holds nothing (it takes scheduler). */
void scheduler_start(struct thread *thread);

/*
 * Makes a thread ready that is in no queue; the current one makes way if its priority is lower.
 * Caller holds scheduler.
 */
void scheduler_ready(struct thread *thread);

/* Lets a thread that is ready or is to become so go before all others. Caller holds scheduler. */
void scheduler_hasten(struct thread *thread);

/*
 * The current thread stops running, for it to wait or to end: there is no current thread from now
 * on, and the caller's call returns CALL_BLOCKED. Any context.
 */
void scheduler_stop_current(void);

/* True if some other thread would run if the current one yielded. Caller holds scheduler. */
static inline bool scheduler_has_other(void)
{
	return placement_has(current_thread->priority);
}

/* True if no thread runs on this processor: an interrupt came while it idled. Any context. */
static inline bool scheduler_is_idle(void)
{
	return !current_thread;
}

/*
 * True if the current thread had better leave the kernel, or let others go first: there is work on
 * the way out beyond the account of time, or another thread would run if this one yielded. Caller
 * holds scheduler.
 */
static inline bool scheduler_is_wanted(void)
{
	return (kernel_exit_work & ~EXIT_WORK_ACCOUNT) || scheduler_has_other();
}

/*
 * Puts the current thread at the end of its priority; the caller then returns CALL_BLOCKED. Caller
 * holds nothing (it takes scheduler).
 */
void scheduler_put_back(void);

/*
 * The current thread, or one that is ready, goes behind all that are ready of its priority: the
 * current one on its way out, as if its slice were used up. Nothing for a thread that waits. Caller
 * holds scheduler.
 */
void scheduler_step_back(struct thread *thread);

/*
 * Chooses the next thread, idling until there is one, makes it the current one in its address
 * space, and runs its continuation, until one comes out that returns to user mode. Called when the
 * processor has no current thread. Caller holds nothing.
 */
void scheduler_run(void);

/* The current thread makes way for one that should run instead; then as above. Caller holds
 * nothing. */
void scheduler_make_way(void);

/* Once a tick: time slices and accounting. Any context: what it touches is this processor's own. */
void scheduler_tick(void);

/* The thread ends, or its context does: what of it is loaded here means nothing. Any context. */
void scheduler_forget(const struct thread *thread);

#endif
