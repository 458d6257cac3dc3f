/*
 * Fine-grained locking (Section 2.3.3): a lock an object. An inode, a pipe, a mailbox, a bucket of
 * futexes, a container, a process, its descriptors, a bucket of the table of processes have one
 * each; every processor has a ready queue of its own, and pages, page tables and kernel objects
 * that it keeps ready for itself. What all processors share is held for some instructions: the
 * timers, the free pages. There is no giant lock.
 */
#include "arch/ia32/trap.h"
#include "kernel/debug/lock_order.h"
#include "kernel/lock/lock.h"
#include "kernel/organisation/smp/fine.h"
#include "kernel/sched/placement.h"
#include "kernel/smp/own_queues.h"
#include "kernel/smp/processors.h"

static uint32_t fine_locks(void)
{
	return fine.domains;
}

static const struct placement_policy *fine_placement(void)
{
	return &placement_own_queues;
}

/* For the lock-order checker: which lock stands for which domain. */
static void domains_tell(void)
{
	lock_domain_use(driver, lock_domain_class(LOCK_DOMAIN_driver));
	lock_domain_use(programs, lock_domain_class(LOCK_DOMAIN_programs));
	lock_domain_use(process, lock_domain_class(LOCK_DOMAIN_process));
	lock_domain_use(processes, lock_domain_class(LOCK_DOMAIN_processes));
	lock_domain_use(descriptors, lock_domain_class(LOCK_DOMAIN_descriptors));
	lock_domain_use(names, lock_domain_class(LOCK_DOMAIN_inode));
	lock_domain_use(file, lock_domain_class(LOCK_DOMAIN_inode));
	lock_domain_use(inode, lock_domain_class(LOCK_DOMAIN_inode));
	lock_domain_use(pipe, lock_domain_class(LOCK_DOMAIN_pipe));
	lock_domain_use(mailbox, lock_domain_class(LOCK_DOMAIN_mailbox));
	lock_domain_use(futex, lock_domain_class(LOCK_DOMAIN_futex));
	lock_domain_use(thread, lock_domain_class(LOCK_DOMAIN_thread));
	lock_domain_use(timers, lock_domain_class(LOCK_DOMAIN_timers));
	lock_domain_use(slabs, lock_domain_class(LOCK_DOMAIN_slabs));
	lock_domain_use(pages, lock_domain_class(LOCK_DOMAIN_pages));
	lock_domain_allow(LOCK_DOMAIN_inode, LOCK_BY_ADDRESS);
	lock_domain_allow(LOCK_DOMAIN_process, LOCK_NESTS);
}

static int fine_start(void)
{
	if (lock_domains_used)
		domains_tell();
	return processors_start();
}

const struct organisation fine = {
	.name = "fine",
	.title = "fine-grained locks",
	.category = "fine-grained",
	.summary = "a lock an object; a ready queue and a stock of memory for each processor",
	.processors = ORGANISATION_ALL,
	.domains = ORGANISATION_LOCKS(driver) | ORGANISATION_LOCKS(programs) |
		   ORGANISATION_LOCKS(process) | ORGANISATION_LOCKS(processes) |
		   ORGANISATION_LOCKS(descriptors) | ORGANISATION_LOCKS(cwd) |
		   ORGANISATION_LOCKS(names) | ORGANISATION_LOCKS(inode) |
		   ORGANISATION_LOCKS(pipe) | ORGANISATION_LOCKS(mailbox) |
		   ORGANISATION_LOCKS(futex) | ORGANISATION_LOCKS(container) |
		   ORGANISATION_LOCKS(thread) | ORGANISATION_LOCKS(timers) |
		   ORGANISATION_LOCKS(scheduler) | ORGANISATION_LOCKS(objects) |
		   ORGANISATION_LOCKS(slabs) | ORGANISATION_LOCKS(stocks) |
		   ORGANISATION_LOCKS(tables) | ORGANISATION_LOCKS(pages) |
		   ORGANISATION_LOCKS(output),
	.find = processors_find,
	.locks = fine_locks,
	.controller = processors_controller,
	.placement = fine_placement,
	.start = fine_start,
};

ORGANISATION(17, fine);
