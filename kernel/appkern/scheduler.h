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
#include "kernel/appkern/processor.h"
#include "kernel/appkern/thread.h"

void application_scheduler_init(void);

/* On any processor; caller must hold the lock. */

/* Makes a thread ready that is in no queue but, perhaps, that of messages. */
void application_ready(struct application_thread *thread);

/* On an application processor; it must not hold the lock. */

/*
 * Takes the current thread off this processor in the state `state`, its registers complete in
 * memory. The caller holds the lock, and must not touch the thread once it has given that up.
 */
static inline void application_leave(struct application_thread *thread,
				     enum application_state state)
{
	this_processor->current = NULL;
	thread->state = state;
}

/* Chooses the next thread, waiting until there is one, and loads it: the one to go to user mode
 * with. */
struct application_thread *application_schedule(void);

/* A timer or another processor has interrupted the thread. Who goes on. */
struct application_thread *application_tick(struct application_thread *thread);
struct application_thread *application_look(struct application_thread *thread);

/* Lets others of the thread's priority go first. Who goes on. */
struct application_thread *application_yield(struct application_thread *thread);

/*
 * On the boot processor: takes a thread that runs, is ready or sleeps off, and waits until that is
 * done. It is stopped then, unless it was blocked before, or sent a message first; only this
 * processor can make it run again. True if it slept.
 */
bool application_stop(struct application_thread *thread);

/* Whether threads wait for a processor; and takes the first of them, to be sent a message. */
bool application_has_ready(void);
struct application_thread *application_take_ready(void);

/* On the boot processor: makes sure that no processor uses the space, whose threads do not run. */
void application_space_abandon(const struct application_space *space);

#endif
