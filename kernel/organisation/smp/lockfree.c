/*
 * Lock-free (Section 2.3.4): the fine-grained kernel, in which threads are scheduled, messages
 * sent, and pages and kernel objects taken and given back by compare-and-swap, with one word and
 * with two (Massalin and Pu, A Lock-Free Multiprocessor OS Kernel, 1991; Greenwald and Cheriton,
 * The Synergy Between Non-Blocking Synchronization and Operating System Structure, OSDI 1996), and
 * in which paths are looked up without a lock, as they are there (kernel/smp/epoch.h). What keeps a
 * lock, and why, is in docs/many-locks.md.
 */
#include "kernel/lock/lock.h"
#include "kernel/organisation/smp/fine.h"
#include "kernel/smp/lockfree_queues.h"
#include "kernel/smp/processors.h"

extern const struct organisation lockfree;

static uint32_t lockfree_locks(void)
{
	return lockfree.domains | LOCK_FREE_BIT;
}

static const struct placement_policy *lockfree_placement(void)
{
	return &placement_lockfree_queues;
}

/* As there; but nobody holds a lock who touches a mailbox. */
static int lockfree_start(void)
{
	const int error = fine.start();

	lock_domain_use(mailbox, NULL);
	return error;
}

const struct organisation lockfree = {
	.name = "lockfree",
	.title = "lock-free lists",
	.category = "lock-free",
	.summary = "as fine; ready queues, mailboxes, free lists by compare-and-swap",
	.processors = ORGANISATION_ALL,
	.domains = ORGANISATION_LOCKS(driver) | ORGANISATION_LOCKS(programs) |
		   ORGANISATION_LOCKS(process) | ORGANISATION_LOCKS(processes) |
		   ORGANISATION_LOCKS(descriptors) | ORGANISATION_LOCKS(cwd) |
		   ORGANISATION_LOCKS(names) | ORGANISATION_LOCKS(inode) |
		   ORGANISATION_LOCKS(pipe) | ORGANISATION_LOCKS(futex) |
		   ORGANISATION_LOCKS(container) | ORGANISATION_LOCKS(thread) |
		   ORGANISATION_LOCKS(timers) | ORGANISATION_LOCKS(objects) |
		   ORGANISATION_LOCKS(slabs) | ORGANISATION_LOCKS(tables) |
		   ORGANISATION_LOCKS(pages) | ORGANISATION_LOCKS(output),
	.find = processors_find,
	.locks = lockfree_locks,
	.controller = processors_controller,
	.placement = lockfree_placement,
	.start = lockfree_start,
};

ORGANISATION(18, lockfree);
