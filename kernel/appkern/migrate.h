/*
 * Migration (Sections 1.8 and 4.7): an option, apkern.migrate=on. A thread that makes one system
 * call after the other is better off on the boot processor: its bootstrap thread is told to run the
 * program's code itself. When it only computes there, it is sent back. The two conditions are far
 * apart, so that a thread does not swing between them.
 */
#ifndef KERNEL_APPKERN_MIGRATE_H
#define KERNEL_APPKERN_MIGRATE_H

#include <stdbool.h>
#include "kernel/appkern/thread.h"

/* On an application processor, at a system call: whether the thread had better move. */
bool migrate_is_due(struct application_thread *thread);

/* On the boot processor. */
void migrate_init(void);

/* Its bootstrap thread runs the program's code itself from now on. */
void migrate_away(struct application_thread *thread);

extern uint32_t migrate_count_away, migrate_count_back;

#endif
