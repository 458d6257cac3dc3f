/*
 * Taking locks and giving them up.
 */
#include "kernel/lock/lock.h"

#include "arch/ia32/cpu.h"
#include "kernel/debug/lock_order.h"
#include "kernel/lib/assert.h"
#include "kernel/measure/account.h"
#include "kernel/organisation/organisation.h"

/* Each alone in its cache line. */
#define LINE __attribute__((aligned(64)))

struct lock files_lock LINE UNGUARDED("a lock");
struct lock ipc_lock LINE UNGUARDED("a lock");
struct lock scheduler_lock LINE UNGUARDED("a lock");
struct lock tables_lock LINE UNGUARDED("a lock");
struct lock pages_lock LINE UNGUARDED("a lock");

CPU_LOCAL struct lock_counts lock_counts[LOCK_DOMAIN_COUNT];
uint32_t lock_domains_used SET_AT_BOOT;

void locks_choose(const struct organisation *organisation)
{
	lock_domains_used = organisation->locks ? organisation->locks() : 0;
}

/* The time up to here was the kernel's; ticket_wait() charges the rest to spinning. */
__attribute__((cold, noinline)) static void lock_wait(struct lock *lock, uint32_t ticket,
						      struct lock_counts *counts)
{
	const uint64_t start = cpu_cycles();

	if (account_running)
		account_charge(&cpu_account.kernel_cycles);
	ticket_wait(&lock->ticket, ticket);
	counts->contended++;
	counts->waited += cpu_cycles() - start;
}

void lock_take(struct lock *lock, enum lock_domain domain)
{
	struct lock_counts *counts = &lock_counts[domain];
	uint32_t ticket;

	lock_order_acquire(lock_domain_class(domain), lock);
	ticket = ticket_draw(&lock->ticket);
	if (lock->ticket.serving != ticket)
		lock_wait(lock, ticket, counts);
	lock->holder = cpu_number + 1;
	counts->taken++;
}

void lock_give(struct lock *lock, enum lock_domain domain)
{
	(void)domain;
	assert(lock->holder == cpu_number + 1);
	lock_order_release(lock_domain_class(domain), lock);
	lock->holder = 0;
	ticket_pass(&lock->ticket);
}
