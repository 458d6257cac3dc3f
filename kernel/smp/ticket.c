/*
 * Waiting for a ticket lock.
 */
#include "kernel/smp/ticket.h"

#include "arch/ia32/cpu.h"
#include "arch/ia32/smp/apic.h"
#include "kernel/debug/trace.h"
#include "kernel/measure/account.h"
#include "kernel/measure/statistics.h"
#include "kernel/time/clock.h"

/* Longer than a lock is usually held; far shorter than a time slice of a host. */
#define SPIN_MICROSECONDS 100u

CPU_LOCAL volatile bool ticket_waiting;
static CPU_LOCAL volatile uint32_t halted_ticket;

uint32_t ticket_spin_limit(void)
{
	return SPIN_MICROSECONDS * (clock_cycles_per_ms() / 1000);
}

/*
 * True when it is this ticket's turn; false after spinning for long. Interrupts are on meanwhile.
 */
static bool ticket_spin(const struct ticket_lock *lock, uint32_t ticket)
{
	const uint64_t start = cpu_cycles();
	const uint32_t most = ticket_spin_limit();

	interrupts_on();
	while (lock->serving != ticket) {
		if (cpu_cycles() - start > most && most > 0)
			break;
		cpu_pause();
	}
	interrupts_off();
	return lock->serving == ticket;
}

/* The bit is set before looking once more, so that a release meanwhile is either seen or wakes. */
static void ticket_halt(struct ticket_lock *lock, uint32_t ticket)
{
	statistic_halts++;
	halted_ticket = ticket;
	__atomic_or_fetch(&lock->halted, 1u << cpu_number, __ATOMIC_SEQ_CST);
	while (lock->serving != ticket)
		cpu_wait_for_interrupt();
	__atomic_and_fetch(&lock->halted, ~(1u << cpu_number), __ATOMIC_SEQ_CST);
}

/* The account may be started or stopped, by another processor, while this one waits. */
void ticket_wait(struct ticket_lock *lock, uint32_t ticket)
{
	statistic_waits++;
	if (account_running)
		cpu_account.contended++;
	TRACE(LOCK_WAIT, ticket, 0);
	ticket_waiting = true;
	if (!ticket_spin(lock, ticket))
		ticket_halt(lock, ticket);
	ticket_waiting = false;
	if (account_running)
		account_charge(&cpu_account.spinning_cycles);
}

void ticket_kick(struct ticket_lock *lock)
{
	const uint32_t serving = lock->serving;

	for (uint32_t left = lock->halted; left; left &= left - 1) {
		const uint32_t cpu = __builtin_ctz(left);
		if (*CPU_LOCAL_OF(cpu, halted_ticket) == serving) {
			TRACE(IPI, cpu, APIC_LINE_KICK);
			apic_send(cpus[cpu].apic_id, APIC_LINE_KICK);
		}
	}
}
