/*
 * mode=wandering: the giant lock, and threads that run wherever there is time. It is
 * kernel/organisation/smp/giantlock.c with another policy of placement.
 */
#include "arch/ia32/trap.h"
#include "kernel/organisation/organisation.h"
#include "kernel/sched/placement.h"
#include "kernel/smp/giant_lock.h"
#include "kernel/smp/processors.h"

/*
 * EXERCISE: an organisation is a `struct organisation` (kernel/organisation/organisation.h) and a
 * line ORGANISATION(place, variable) that puts it into the list; take a place that no other file
 * has. What it needs beside names is: how processors are found and started
 * (kernel/smp/processors.h), the way through the door that takes the giant lock if there are
 * several processors (giant_lock_way, else trap_way_plain), and a policy of placement that has one
 * queue for all (kernel/sched/placement.h).
 */
/* solution */
static const struct trap_way *wandering_way(void)
{
	return processors_need_locks() ? &giant_lock_way : &trap_way_plain;
}

static const struct placement_policy *wandering_placement(void)
{
	return &placement_common_queue;
}

static int wandering_start(void)
{
	if (processors_need_locks())
		giant_lock_start();
	return processors_start();
}

static const struct organisation wandering = {
	.name = "wandering",
	.title = "giant lock, wandering",
	.category = "giant",
	.summary = "one lock at the door; threads run on whichever processor has time",
	.processors = ORGANISATION_ALL,
	.domains = ORGANISATION_LOCKS(kernel),
	.find = processors_find,
	.way = wandering_way,
	.controller = processors_controller,
	.placement = wandering_placement,
	.start = wandering_start,
};

ORGANISATION(12, wandering);
/* end of solution */
