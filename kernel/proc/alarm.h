/*
 * The alarm that a process has set for itself. It stays over exec(), and a child has none.
 */
#ifndef KERNEL_PROC_ALARM_H
#define KERNEL_PROC_ALARM_H

#include <stdint.h>

struct process;

/* Its process ends. Caller holds nothing. */
void alarm_cancel(struct process *process);

/* System call (include/castle/calls.h). Caller holds nothing. */
int32_t sys_alarm(uint32_t new, uint32_t old);

#endif
