/*
 * Migration (Sections 1.8 and 4.7): an option, apkern.migrate=on. A thread can move to the boot
 * processor: its bootstrap thread then runs the program's code itself, and its system calls need
 * not be forwarded. It moves for one of two reasons, and comes back if it computes there while
 * others want that processor.
 *
 * - It is bound to system calls: forwarding them costs more than an application processor gains;
 *   or, as long as the boot processor has nothing else to do, more than very little.
 * - It waits for an application processor while the boot processor idles.
 *
 * What the kernel knows of a thread that is away, its native thread, is reached through the
 * reference that the application thread holds meanwhile, and the declared functions of the kernel's
 * scheduler and signals alone.
 */
#ifndef KERNEL_APPKERN_MIGRATE_H
#define KERNEL_APPKERN_MIGRATE_H

#include <stdbool.h>
#include "kernel/appkern/thread.h"

/* On an application processor, of its current thread. */

/*
 * Takes note of a system call to be forwarded: how long the thread computed before it, and whose
 * the last request was. True if the thread had better move. Any context.
 */
bool migrate_note_call(struct application_thread *thread);

/* The same for a page fault, which is no reason to move: each happens once. Any context. */
void migrate_note_fault(struct application_thread *thread);

/* On the boot processor. */

/* At boot. */
void migrate_init(void);

/* Whether the thread was asked to move, and still may. Caller holds driver. */
bool migrate_is_granted(const struct application_thread *thread);

/* Whether any thread is away. Caller holds driver. */
bool migrate_has_away(void);

/*
 * The current thread of the kernel runs the program's code of a blocked application thread from now
 * on: it is the native thread. Caller holds driver.
 */
void migrate_leave(struct application_thread *thread);

/*
 * The native thread has given the program's code back: the application thread is stopped, and there
 * is nobody to be recalled any more. Caller holds driver.
 */
void migrate_return(struct application_thread *thread);

/* The application thread, which is away, ends: what its native thread does is not its business.
 * Caller holds driver. */
void migrate_forget(struct application_thread *thread);

/* Messages to the boot processor in this tick. A thread that finds one without being woken counts
 * it. Caller holds driver. */
extern uint32_t migrate_messages;

/* Bootstrap threads were woken: native threads step back behind them. Caller holds driver. */
void migrate_step_back(void);

/* For the report. Caller holds driver. */
extern uint32_t migrate_count_away, migrate_count_back;

#endif
