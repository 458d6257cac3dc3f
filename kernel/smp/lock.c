/*
 * Taking locks and giving them up.
 */
#include "kernel/lock/lock.h"

#include <castle/info.h>
#include "arch/ia32/cpu.h"
#include "arch/ia32/smp/apic.h"
#include "kernel/debug/lock_order.h"
#include "kernel/debug/trace.h"
#include "kernel/lib/assert.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/measure/account.h"
#include "kernel/measure/statistics.h"
#include "kernel/organisation/organisation.h"
#include "kernel/smp/processors.h"
#include "kernel/smp/ticket.h"

/* Each alone in its cache line. */
#define LINE __attribute__((aligned(64)))

struct lock programs_lock LINE UNGUARDED("a lock");
struct lock files_lock LINE UNGUARDED("a lock");
struct lock names_lock LINE UNGUARDED("a lock");
struct lock ipc_lock LINE UNGUARDED("a lock");
struct lock blocking_lock LINE UNGUARDED("a lock");
struct lock timers_lock LINE UNGUARDED("a lock");
struct lock tables_lock LINE UNGUARDED("a lock");
struct lock pages_lock LINE UNGUARDED("a lock");

CPU_LOCAL struct lock_counts lock_counts[LOCK_DOMAIN_COUNT];
uint32_t lock_domains_used SET_AT_BOOT;
uint32_t lock_domains_left_out SET_AT_BOOT;

void locks_choose(const struct organisation *organisation)
{
	const bool needed = organisation->locks && processors_need_locks();

	lock_domains_used = needed ? organisation->locks() : 0;
	lock_domains_used &= ~lock_domains_left_out;
}

static const char *const domain_names[] = {
#define LOCK_DOMAIN(name, rank, what) #name,
#include "kernel/lock/domains.h"
#undef LOCK_DOMAIN
};

void lock_describe(enum lock_domain domain, struct castle_lock_class_info *info)
{
	memset(info, 0, sizeof *info);
	ksnprintf(info->name, sizeof info->name, "%s", domain_names[domain]);
	for (uint32_t cpu = 0; cpu < cpu_count; cpu++) {
		const struct lock_counts *counts = &(*CPU_LOCAL_OF(cpu, lock_counts))[domain];
		info->taken += counts->taken;
		info->contended += counts->contended;
		info->waited += counts->waited;
	}
}

static struct ticket_lock turns[LOCK_DOMAIN_COUNT] UNGUARDED("locks themselves");

static bool lock_try(struct lock *lock)
{
	return !__atomic_exchange_n(&lock->taken, 1, __ATOMIC_ACQUIRE);
}

/* True when it has the lock; false after spinning for long. */
static bool lock_spin(struct lock *lock)
{
	const uint64_t start = cpu_cycles();
	const uint32_t most = ticket_spin_limit();

	do {
		if (!lock->taken && lock_try(lock))
			return true;
		cpu_pause();
	} while (most == 0 || cpu_cycles() - start <= most);
	return false;
}

/*
 * Halts until the lock may be free. The bit is set before looking once more, so that a release
 * meanwhile is either seen or wakes.
 */
static void lock_halt(struct lock *lock)
{
	const uint32_t flags = interrupts_save();

	statistic_halts++;
	__atomic_or_fetch(&lock->halted, 1u << cpu_number, __ATOMIC_SEQ_CST);
	while (lock->taken)
		cpu_wait_for_interrupt();
	__atomic_and_fetch(&lock->halted, ~(1u << cpu_number), __ATOMIC_SEQ_CST);
	interrupts_restore(flags);
}

/* Interrupts are on meanwhile. The time up to here was the kernel's. */
__attribute__((cold)) void lock_wait(struct lock *lock, enum lock_domain domain)
{
	struct lock_counts *counts = &lock_counts[domain];
	const uint64_t start = cpu_cycles();
	const uint32_t flags = interrupts_save();

	if (account_running)
		account_charge(&cpu_account.kernel_cycles);
	ticket_waiting = true;
	interrupts_on();
	while (!lock_spin(lock))
		lock_halt(lock);
	interrupts_off();
	ticket_waiting = false;
	if (account_running)
		account_charge(&cpu_account.spinning_cycles);
	counts->contended++;
	counts->waited += cpu_cycles() - start;
	interrupts_restore(flags);
}

/*
 * Once a lock is given up, what it is a part of may go, so that this may read something else: then
 * processors are woken for nothing.
 */
__attribute__((cold)) void lock_kick(const struct lock *lock)
{
	for (uint32_t left = lock->halted & cpus_all(); left; left &= left - 1) {
		const uint32_t cpu = __builtin_ctz(left);
		TRACE(IPI, cpu, APIC_LINE_KICK);
		apic_send(cpus[cpu].apic_id, APIC_LINE_KICK);
	}
}

/* Waits in the order of coming. */
__attribute__((cold, noinline)) static void turn_wait(struct ticket_lock *turn, uint32_t ticket,
						      struct lock_counts *counts)
{
	const uint64_t start = cpu_cycles();
	const uint32_t flags = interrupts_save();

	if (account_running)
		account_charge(&cpu_account.kernel_cycles);
	ticket_wait(turn, ticket);
	interrupts_restore(flags);
	counts->contended++;
	counts->waited += cpu_cycles() - start;
}

void lock_take_in_turn(enum lock_domain domain)
{
	struct ticket_lock *turn = &turns[domain];
	const uint32_t ticket = ticket_draw(turn);

	if (turn->serving != ticket)
		turn_wait(turn, ticket, &lock_counts[domain]);
}

void lock_give_in_turn(enum lock_domain domain)
{
	ticket_pass(&turns[domain]);
}
