/*
 * Groups of processes. A process is in its parent's until somebody puts it into another one.
 */
#ifndef KERNEL_PROC_GROUP_H
#define KERNEL_PROC_GROUP_H

#include <stdbool.h>
#include <stdint.h>

struct process;

#define GROUP_ALL INT32_MIN /* every process but init */

/* Sends a signal, or none if it is 0, to each process of the group but init. 0, or -ESRCH if there
 * is none. Caller holds tasks. */
int group_signal(int32_t group, uint32_t signal);

/* True if there is a process in the group of which the function says so. Caller holds tasks. */
bool group_has(int32_t group, bool (*is)(const struct process *process));

/* True if there is one that has not ended. Caller holds tasks. */
bool group_exists(int32_t group);

/*
 * For a call that the group in the foreground may do alone: 0 if the current thread is of it, or
 * there is none, else what the call returns (stop_in_background()). Caller holds tasks; may
 * block.
 */
int32_t group_keep_out(int32_t foreground, uint32_t signal);

/* The same, for a call that a process may do in the background, too, if the signal means nothing to
 * it. Caller holds tasks; may block. */
int32_t group_ask_leave(int32_t foreground, uint32_t signal);

/* System calls (include/castle/calls.h). Caller holds nothing. */
int32_t sys_setpgid(int32_t pid, int32_t group);
int32_t sys_getpgid(int32_t pid);

#endif
