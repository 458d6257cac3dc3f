/*
 * Groups of processes. A process is in its parent's until somebody puts it into another one.
 */
#ifndef KERNEL_PROC_GROUP_H
#define KERNEL_PROC_GROUP_H

#include <stdint.h>

#define GROUP_ALL INT32_MIN /* every process but init */

/* Sends a signal, or none if it is 0, to each process of the group but init. 0, or -ESRCH if there
 * is none. Caller holds process. */
int group_signal(int32_t group, uint32_t signal);

/* System calls (include/castle/calls.h). Caller holds nothing. */
int32_t sys_setpgid(int32_t pid, int32_t group);
int32_t sys_getpgid(int32_t pid);

#endif
