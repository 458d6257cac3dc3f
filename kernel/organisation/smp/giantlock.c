/*
 * The giant lock (Section 3.3): all processors run the kernel, one at a time. The lock is taken on
 * the way in and released on the way out. With one processor it is left out, unless lock=always is
 * said.
 */
#include "arch/ia32/trap.h"
#include "kernel/organisation/organisation.h"
#include "kernel/sched/placement.h"
#include "kernel/smp/giant_lock.h"
#include "kernel/smp/processors.h"

static const struct trap_way *giantlock_way(void)
{
	return processors_need_locks() ? &giant_lock_way : &trap_way_plain;
}

static int giantlock_start(void)
{
	if (processors_need_locks())
		giant_lock_start();
	return processors_start();
}

static const struct organisation giantlock = {
	.name = "giantlock",
	.title = "giant lock",
	.category = "giant",
	.summary = "one lock, taken at the door of the kernel, which all processors run",
	.processors = ORGANISATION_ALL,
	.domains = ORGANISATION_LOCKS(kernel),
	.find = processors_find,
	.way = giantlock_way,
	.controller = processors_controller,
	.placement = placement_asked_for,
	.start = giantlock_start,
};

ORGANISATION(10, giantlock);
