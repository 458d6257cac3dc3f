/*
 * What a process may use (POSIX.1-2017, setrlimit()). A child has its parent's limits, and so has
 * the next program. Most processes have none: then the constants hold that are limits for all.
 */
#ifndef KERNEL_PROC_LIMIT_H
#define KERNEL_PROC_LIMIT_H

#include <castle/abi.h>
#include <stdint.h>
#include "kernel/proc/process.h"

/*
 * Words that the process alone changes; others' threads of it read what there was or what there is.
 */
struct limits {
	struct castle_limit limit[CASTLE_LIMIT_COUNT];
};

/* At boot. */
void limit_init_cache(void);

/* What the process may use of this now; CASTLE_LIMIT_NONE: no limit was set. Any context. */
static inline uint32_t limit_of(const struct process *process, uint32_t resource)
{
	return process->limits ? process->limits->limit[resource].now : CASTLE_LIMIT_NONE;
}

/* The new process has its parent's. 0 or -ENOMEM. Caller holds nothing. */
int limits_inherit(struct process *process, const struct process *parent);

/* They go with the process. Any context. */
void limits_free(struct process *process);

/* The time that RLIMIT_CPU allows is over, by now. Caller holds process. */
bool limit_of_time_is_reached(const struct process *process, uint32_t ticks);

/* System call (include/castle/calls.h). Caller holds nothing. */
int32_t sys_limit(uint32_t resource, uint32_t new, uint32_t old);

#endif
