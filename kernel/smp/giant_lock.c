/*
 * The giant lock beyond the entry code's quick way: waiting, and the ways of the idle loop and
 * of the event log.
 */
#include "kernel/smp/giant_lock.h"

#include "arch/ia32/cpu.h"
#include "arch/ia32/smp/apic.h"
#include "kernel/measure/account.h"
#include "kernel/measure/statistics.h"
#include "kernel/debug/trace.h"
#include "kernel/lib/assert.h"
#include "kernel/lock/domain.h"
#include "kernel/time/clock.h"

/* Longer than the kernel is usually held; far shorter than a time slice of a host. */
#define SPIN_MICROSECONDS 100u

/* Alone in its cache line. The boot processor holds it from the start, by ticket 0. */
struct giant_lock giant_lock __attribute__((aligned(64))) UNGUARDED("a lock") = { .next = 1 };
LOCK_CLASS(giant_lock_class, kernel, LOCK_OF_KERNEL | LOCK_OPENS);

bool giant_lock_used SET_AT_BOOT;
CPU_LOCAL uint32_t giant_lock_ticket;
CPU_LOCAL volatile bool giant_lock_waiting;
static CPU_LOCAL volatile uint32_t halted_ticket;

void giant_lock_start(void)
{
	lock_order_acquire(&giant_lock_class, &giant_lock);
	giant_lock_used = true;
}

/*
 * True when it is this ticket's turn; false after spinning for long. Interrupts are on meanwhile.
 */
static bool ticket_spin(uint32_t ticket)
{
	const uint64_t start = cpu_cycles();
	const uint32_t most = SPIN_MICROSECONDS * (clock_cycles_per_ms() / 1000);

	interrupts_on();
	while (giant_lock.serving != ticket) {
		if (cpu_cycles() - start > most && most > 0)
			break;
		cpu_pause();
	}
	interrupts_off();
	return giant_lock.serving == ticket;
}

/* The bit is set before looking once more, so that a release meanwhile is either seen or wakes. */
static void ticket_halt(uint32_t ticket)
{
	statistic_halts++;
	halted_ticket = ticket;
	__atomic_or_fetch(&giant_lock.halted, 1u << cpu_number, __ATOMIC_SEQ_CST);
	while (giant_lock.serving != ticket)
		cpu_wait_for_interrupt();
	__atomic_and_fetch(&giant_lock.halted, ~(1u << cpu_number), __ATOMIC_SEQ_CST);
}

/* The account may be started or stopped, by the lock's holder, while this processor waits. */
void giant_lock_wait(uint32_t ticket)
{
	statistic_waits++;
	if (account_running)
		cpu_account.contended++;
	TRACE(LOCK_WAIT, ticket, 0);
	giant_lock_waiting = true;
	if (!ticket_spin(ticket))
		ticket_halt(ticket);
	giant_lock_waiting = false;
	giant_lock_ticket = ticket;
	if (account_running)
		account_charge(&cpu_account.spinning_cycles);
}

void giant_lock_kick(void)
{
	const uint32_t serving = giant_lock.serving;

	for (uint32_t left = giant_lock.halted; left; left &= left - 1) {
		const uint32_t cpu = __builtin_ctz(left);
		if (*CPU_LOCAL_OF(cpu, halted_ticket) == serving) {
			TRACE(IPI, cpu, APIC_LINE_KICK);
			apic_send(cpus[cpu].apic_id, APIC_LINE_KICK);
		}
	}
}

void giant_lock_acquire(void)
{
	lock_order_acquire(&giant_lock_class, &giant_lock);
	const uint32_t ticket = __atomic_fetch_add(&giant_lock.next, 1, __ATOMIC_ACQUIRE);
	if (giant_lock.serving == ticket)
		giant_lock_ticket = ticket;
	else
		giant_lock_wait(ticket);
	TRACE_ACCOUNT(LOCK_ACQUIRE, 0, 0);
}

static void hand_over(void)
{
	assert(giant_lock_is_mine());
	TRACE_ACCOUNT(LOCK_RELEASE, 0, 0);
	__atomic_fetch_add(&giant_lock.serving, 1, __ATOMIC_SEQ_CST);
	if (giant_lock.halted)
		giant_lock_kick();
}

void giant_lock_release(void)
{
	assert_held(kernel);
	lock_order_release(&giant_lock_class, &giant_lock);
	hand_over();
}

static void logged_enter(uint32_t vector)
{
	trace_enter(vector);
	giant_lock_acquire();
}

static void logged_leave(void)
{
	lock_order_leave(&giant_lock_class, &giant_lock);
	hand_over();
	trace_leave();
}

extern const struct patch_jump trap_jumps_locked[];

const struct trap_way giant_lock_way = {
	.jumps = trap_jumps_locked,
	.logged_enter = logged_enter,
	.logged_leave = logged_leave,
};
