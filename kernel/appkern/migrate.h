/*
 * Migration (Sections 1.8 and 4.7): an option, apkern.migrate=on. A thread can move to the boot
 * processor: its bootstrap thread then runs the program's code itself, and its system calls need
 * not be forwarded. It moves for one of two reasons, and comes back if it computes there while
 * others want that processor.
 *
 * - It is bound to system calls: forwarding them costs more than an application processor gains;
 *   or, as long as the boot processor has nothing else to do, more than very little.
 * - It waits for an application processor while the boot processor idles.
 */
#ifndef KERNEL_APPKERN_MIGRATE_H
#define KERNEL_APPKERN_MIGRATE_H

#include <stdbool.h>
#include "kernel/appkern/thread.h"

/*
 * On an application processor, at a system call to be forwarded: whether the thread had better
 * move.
 */
bool migrate_is_due(struct application_thread *thread);

/*
 * Takes note of a request: how long the thread computed before it, and whose the last one was. For
 * page faults, which are no reason to move: each happens once. migrate_is_due() does it itself.
 */
void migrate_note_request(struct application_thread *thread);

/* On the boot processor, all of these. */
void migrate_init(void);

/* Whether the thread was asked to move, and still may. */
bool migrate_is_granted(const struct application_thread *thread);

/* Whether any thread is away. */
bool migrate_has_away(void);

/* Its bootstrap thread runs the program's code itself from now on. */
void migrate_away(struct application_thread *thread);

/* Messages to the boot processor in this tick. Who finds one without being woken counts it. */
extern uint32_t migrate_messages;

/* Bootstrap threads were woken: they go first. */
void migrate_give_way(void);

extern uint32_t migrate_count_away, migrate_count_back;

#endif
