/*
 * Coarse-grained locking (Section 2.3.2): a lock a subsystem, held over the whole call into it, for
 * the file system and for what threads wait for; small locks for what all of them use: descriptors,
 * containers, pages, slabs, blocking and running, timers; and the giant lock, no longer at the
 * door, for the rest: processes, signals, devices. With one processor none of them is there, unless
 * lock=always is said.
 */
#include "arch/ia32/trap.h"
#include "kernel/debug/lock_order.h"
#include "kernel/lock/lock.h"
#include "kernel/organisation/organisation.h"
#include "kernel/sched/placement.h"
#include "kernel/smp/giant_lock.h"
#include "kernel/smp/locked_placement.h"
#include "kernel/smp/processors.h"

static const struct organisation coarse;

static uint32_t coarse_locks(void)
{
	giant_lock_start_free();
	return coarse.domains;
}

static const struct placement_policy *coarse_placement(void)
{
	return placement_locked(placement_asked_for());
}

/* For the lock-order checker: which lock stands for which domain. */
static void domains_tell(void)
{
	lock_domain_use(kernel, &giant_lock_class);
	lock_domain_use(tasks, &giant_lock_class);
	lock_domain_use(processes, &giant_lock_class);
	lock_domain_use(process, &giant_lock_class);
	lock_domain_use(driver, &giant_lock_class);
	lock_domain_use(programs, &giant_lock_class);
	lock_domain_use(descriptors, lock_domain_class(LOCK_DOMAIN_descriptors));
	lock_domain_use(names, lock_domain_class(LOCK_DOMAIN_files));
	lock_domain_use(file, lock_domain_class(LOCK_DOMAIN_files));
	lock_domain_use(inode, lock_domain_class(LOCK_DOMAIN_files));
	lock_domain_use(pipe, lock_domain_class(LOCK_DOMAIN_ipc));
	lock_domain_use(mailbox, lock_domain_class(LOCK_DOMAIN_ipc));
	lock_domain_use(futex, lock_domain_class(LOCK_DOMAIN_ipc));
	lock_domain_use(thread, lock_domain_class(LOCK_DOMAIN_blocking));
	lock_domain_use(timers, lock_domain_class(LOCK_DOMAIN_blocking));
	lock_domain_use(scheduler, lock_domain_class(LOCK_DOMAIN_blocking));
	lock_domain_use(slabs, lock_domain_class(LOCK_DOMAIN_slabs));
	lock_domain_use(tables, lock_domain_class(LOCK_DOMAIN_tables));
	lock_domain_use(pages, lock_domain_class(LOCK_DOMAIN_pages));
}

static int coarse_start(void)
{
	if (lock_domains_used)
		domains_tell();
	return processors_start();
}

static const struct organisation coarse = {
	.name = "coarse",
	.title = "coarse-grained locks",
	.category = "coarse-grained",
	.summary = "a lock a subsystem, held over a call; small locks for what all use; the giant "
		   "lock for the rest",
	.processors = ORGANISATION_ALL,
	.domains = ORGANISATION_LOCKS(kernel) | ORGANISATION_LOCKS(tasks) |
		   ORGANISATION_LOCKS(descriptors) | ORGANISATION_LOCKS(files) |
		   ORGANISATION_LOCKS(ipc) | ORGANISATION_LOCKS(container) |
		   ORGANISATION_LOCKS(blocking) | ORGANISATION_LOCKS(slabs) |
		   ORGANISATION_LOCKS(tables) | ORGANISATION_LOCKS(pages),
	.find = processors_find,
	.locks = coarse_locks,
	.controller = processors_controller,
	.placement = coarse_placement,
	.start = coarse_start,
};

ORGANISATION(15, coarse);
