/*
 * The application kernel's scheduler: one ready queue for all application processors, with the
 * kernel's priorities and time slices. A thread that becomes ready goes straight to an idle
 * processor, the one that it ran on last if it may choose; one that was answered has its processor
 * back, even if that is busy.
 */
#ifndef KERNEL_APPKERN_SCHEDULER_H
#define KERNEL_APPKERN_SCHEDULER_H

#include <stdbool.h>
#include <stddef.h>
#include "kernel/appkern/ia32/machine.h"
#include "kernel/appkern/lock.h"
#include "kernel/appkern/thread.h"

/* At boot. */
void application_scheduler_init(void);

/*
 * Makes a thread ready that is in no queue but, perhaps, that of messages or of sleepers. On any
 * processor. Caller holds application.
 */
void application_ready(struct application_thread *thread);

/*
 * On an application processor: takes its current thread off in the state `state`, its registers
 * complete in memory. The caller must not touch the thread once it has given up the lock. Caller
 * holds application.
 */
static inline void application_leave(struct application_thread *thread,
				     enum application_state state)
{
	assert_held(application);
	this_processor->current = NULL;
	thread->state = state;
}

/* On an application processor; they return the thread to go to user mode with. */

/* Chooses the next thread, waiting until there is one, and loads it. Caller holds nothing. */
struct application_thread *application_schedule(void);

/* A timer or another processor has interrupted the thread. Caller holds nothing. */
struct application_thread *application_tick(struct application_thread *thread);
struct application_thread *application_look(struct application_thread *thread);

/* Lets others of the thread's priority go first. Caller holds nothing. */
struct application_thread *application_yield(struct application_thread *thread);

/* On the boot processor. */

/*
 * Takes a thread that runs, is ready or sleeps off, and waits until that is done. It is stopped
 * then, unless it was blocked before, or sent a message first; only this processor can make it run
 * again. True if it slept. Caller holds driver.
 */
bool application_stop(struct application_thread *thread);

/* Whether threads wait for an application processor. Any context. */
bool application_has_ready(void);

/*
 * Takes the first of them, to be sent a message: in state APPLICATION_FORWARDING. NULL: none waits.
 * Caller holds driver.
 */
struct application_thread *application_take_ready(void);

/* Makes sure that no processor uses the space, whose threads do not run. Caller holds driver. */
void application_space_abandon(const struct application_space *space);

#endif
