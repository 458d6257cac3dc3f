/*
 * A policy of placement under the lock of the scheduler. A thread that has been taken runs at once:
 * its state and its processor change with the queue, so that whoever looks for it, to tell it of a
 * signal, finds it either in a queue or on the processor that then looks.
 */
#include "kernel/smp/locked_placement.h"

#include "kernel/lock/lock.h"
#include "kernel/sched/placement.h"

static const struct placement_policy *inner SET_AT_BOOT;
static struct placement_policy locked SET_AT_BOOT;

static struct thread *locked_take(void)
{
	struct thread *thread;

	lock_take(&blocking_lock, LOCK_DOMAIN_blocking);
	thread = inner->take();
	if (thread) {
		thread->state = THREAD_RUNNING;
		inner->run(thread);
	}
	lock_give(&blocking_lock, LOCK_DOMAIN_blocking);
	return thread;
}

static void locked_discard(struct thread *thread)
{
	lock_take(&blocking_lock, LOCK_DOMAIN_blocking);
	inner->discard(thread);
	lock_give(&blocking_lock, LOCK_DOMAIN_blocking);
}

const struct placement_policy *placement_locked(const struct placement_policy *policy)
{
	inner = policy;
	locked = *policy;
	locked.take = locked_take;
	locked.run = placement_runs_already;
	locked.discard = locked_discard;
	return &locked;
}
