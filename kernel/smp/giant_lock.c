/*
 * The giant lock beyond the entry code's quick way: waiting, recursion, the lock profile.
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
struct giant_lock giant_lock __attribute__((aligned(64)))
UNGUARDED("the lock itself") = { .next = 1 };
LOCK_CLASS(giant_lock_class, kernel, LOCK_RECURSIVE | LOCK_OF_KERNEL | LOCK_OPENS);

bool giant_lock_used SET_AT_BOOT;
CPU_LOCAL volatile bool giant_lock_waiting;
static CPU_LOCAL volatile uint32_t halted_ticket;

static uint32_t ticket_draw(void)
{
	return __atomic_fetch_add(&giant_lock.next, 1, __ATOMIC_ACQUIRE);
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

void giant_lock_wait(uint32_t ticket)
{
	statistic_waits++;
	giant_lock_waiting = true;
	if (!ticket_spin(ticket))
		ticket_halt(ticket);
	giant_lock_waiting = false;
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

/* The account may be started or stopped, by the lock's holder, while this processor waits. */
static inline __attribute__((always_inline)) void ticket_wait_accounted(uint32_t ticket)
{
	if (giant_lock.serving == ticket)
		return;
	cpu_account.contended++;
	TRACE(LOCK_WAIT, ticket, 0);
	giant_lock_wait(ticket);
	if (account_running)
		account_charge(&cpu_account.spinning_cycles);
}

void giant_lock_enter_accounted(void)
{
	account_enter();
	ticket_wait_accounted(ticket_draw());
}

void giant_lock_enter_traced(uint32_t vector)
{
	lock_order_acquire(&giant_lock_class, &giant_lock);
	if (account_running)
		account_enter();
	trace_enter(vector);
	ticket_wait_accounted(ticket_draw());
	TRACE_ACCOUNT(LOCK_ACQUIRE, 0, 0);
}

static inline __attribute__((always_inline)) void acquire(void)
{
	lock_order_acquire(&giant_lock_class, &giant_lock);
	if (giant_lock_is_mine()) {
		giant_lock.depth++;
		return;
	}
	ticket_wait_accounted(ticket_draw());
	giant_lock.holder = cpu_number;
}

void giant_lock_acquire(void)
{
	acquire();
}

static void giant_lock_acquire_traced(void)
{
	const bool again = giant_lock_is_mine();

	acquire();
	if (!again)
		TRACE_ACCOUNT(LOCK_ACQUIRE, 0, 0);
}

TRACE_FUNCTION(giant_lock_acquire, giant_lock_acquire_traced, LOCK_ACQUIRE);

static inline __attribute__((always_inline)) void hand_over(void)
{
	giant_lock.holder = GIANT_LOCK_NOBODY;
	__atomic_fetch_add(&giant_lock.serving, 1, __ATOMIC_SEQ_CST);
	if (giant_lock.halted)
		giant_lock_kick();
}

static inline __attribute__((always_inline)) void release(void)
{
	lock_order_release(&giant_lock_class, &giant_lock);
	assert(giant_lock_is_mine());
	if (giant_lock.depth > 0) {
		giant_lock.depth--;
		return;
	}
	hand_over();
}

void giant_lock_release(void)
{
	release();
}

static void giant_lock_release_traced(void)
{
	if (giant_lock.depth == 0)
		TRACE_ACCOUNT(LOCK_RELEASE, 0, 0);
	release();
}

TRACE_FUNCTION(giant_lock_release, giant_lock_release_traced, LOCK_RELEASE);

void giant_lock_leave_traced(void)
{
	TRACE_ACCOUNT(LOCK_RELEASE, 0, 0);
	lock_order_leave(&giant_lock_class, &giant_lock);
	hand_over();
	trace_kernel_leave();
}
