/*
 * Limits of processes. Where something is limited, one word is looked at: in the table of
 * descriptors their number, on a step of the break its distance, in the container the end of the
 * stack; a timer of the process looks at its processor time.
 */
#include "kernel/proc/limit.h"

#include <castle/address_map.h>
#include <castle/errno.h>
#include "kernel/lock/lock.h"
#include "kernel/mem/container.h"
#include "kernel/mem/slab.h"
#include "kernel/mem/user_copy.h"
#include "kernel/proc/process_timer.h"
#include "kernel/time/timer.h"

static struct slab_cache limits_cache GUARDED_BY(slabs);

/* What holds for all, and nobody can raise. */
static const uint32_t greatest[CASTLE_LIMIT_COUNT] = {
	[CASTLE_LIMIT_CPU] = CASTLE_LIMIT_NONE,
	[CASTLE_LIMIT_FSIZE] = CASTLE_LIMIT_NONE,
	[CASTLE_LIMIT_DATA] = CASTLE_HEAP_END - CASTLE_DATA_BASE,
	[CASTLE_LIMIT_STACK] = CASTLE_STACK_END - CASTLE_STACK_GUARD_END,
	[CASTLE_LIMIT_CORE] = 0,
	[CASTLE_LIMIT_NOFILE] = CASTLE_OPEN_MAX,
	[CASTLE_LIMIT_AS] = CASTLE_HEAP_END - CASTLE_DATA_BASE,
};

void limit_init_cache(void)
{
	slab_cache_init(&limits_cache, "limits", sizeof(struct limits), sizeof(void *));
}

static struct limits *limits_create(void)
{
	struct limits *limits = slab_alloc(&limits_cache);

	for (uint32_t i = 0; limits && i < CASTLE_LIMIT_COUNT; i++)
		limits->limit[i] = (struct castle_limit){ greatest[i], greatest[i] };
	return limits;
}

/* From now on; what was used before counts, of a process that has run before. */
static int watch_time(struct process *process)
{
	const uint32_t seconds = limit_of(process, CASTLE_LIMIT_CPU);
	uint32_t used, all;
	int error;

	if (seconds == CASTLE_LIMIT_NONE)
		return 0;
	process_lock(process);
	used = process_user_ticks(process);
	all = seconds > INT32_MAX / TICK_HZ ? INT32_MAX : seconds * TICK_HZ;
	error = process_timer_limit(process, CASTLE_SIGXCPU, all > used ? all - used : 1);
	process_unlock(process);
	return error;
}

bool limit_of_time_is_reached(const struct process *process, uint32_t ticks)
{
	assert_held(process);
	return process->limits && ticks / TICK_HZ >= process->limits->limit[CASTLE_LIMIT_CPU].most;
}

int limits_inherit(struct process *process, const struct process *parent)
{
	process->limits = slab_alloc(&limits_cache);
	if (!process->limits)
		return -ENOMEM;
	*process->limits = *parent->limits;
	process->files.most = parent->files.most;
	return watch_time(process);
}

void limits_free(struct process *process)
{
	if (process->limits)
		slab_free(&limits_cache, process->limits);
	process->limits = NULL;
}

/* Where the resource is given out, the limit is known from now on. */
static int apply(struct process *process, uint32_t resource)
{
	const uint32_t now = limit_of(process, resource);

	if (resource == CASTLE_LIMIT_NOFILE)
		process->files.most = now;
	if (resource == CASTLE_LIMIT_STACK)
		container_limit_stack(process->container, now);
	return resource == CASTLE_LIMIT_CPU ? watch_time(process) : 0;
}

/* Who may do everything may raise limits, too, but none above what holds for all. */
static int set(struct process *process, uint32_t resource, const struct castle_limit *new)
{
	if (new->now > new->most)
		return -EINVAL;
	if (new->most > greatest[resource])
		return -EPERM;
	if (!process->limits)
		process->limits = limits_create();
	if (!process->limits)
		return -ENOMEM;
	process->limits->limit[resource] = *new;
	return apply(process, resource);
}

int32_t sys_limit(uint32_t resource, uint32_t new, uint32_t old)
{
	struct process *process = current_process();
	struct castle_limit limit, before;
	int error = 0;

	if (resource >= CASTLE_LIMIT_COUNT)
		return -EINVAL;
	before = (struct castle_limit){ greatest[resource], greatest[resource] };
	if (process->limits)
		before = process->limits->limit[resource];
	if (new)
		error = copy_from_user(&limit, new, sizeof limit);
	if (!error && old)
		error = copy_to_user(old, &before, sizeof before);
	return error || !new ? error : set(process, resource, &limit);
}
