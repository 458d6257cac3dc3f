/*
 * The giant lock beyond the entry code's quick way: waiting, recursion, the lock profile.
 */
#include "kernel/smp/giant_lock.h"

#include "arch/ia32/cpu.h"
#include "kernel/core/account.h"
#include "kernel/lib/assert.h"

/* Alone in its cache line. The boot processor holds it from the start, by ticket 0. */
struct giant_lock giant_lock __attribute__((aligned(64))) = { .next = 1 };

CPU_LOCAL volatile bool giant_lock_waiting;

static uint32_t ticket_draw(void)
{
	return __atomic_fetch_add(&giant_lock.next, 1, __ATOMIC_ACQUIRE);
}

void giant_lock_wait(uint32_t ticket)
{
	giant_lock_waiting = true;
	interrupts_on();
	while (giant_lock.serving != ticket)
		cpu_pause();
	interrupts_off();
	giant_lock_waiting = false;
}

/* The account may be started or stopped, by the lock's holder, while this processor waits. */
static void ticket_wait_accounted(uint32_t ticket)
{
	if (giant_lock.serving == ticket)
		return;
	cpu_account.contended++;
	giant_lock_wait(ticket);
	if (account_running)
		account_charge(&cpu_account.spinning_cycles);
}

void giant_lock_enter_accounted(void)
{
	account_enter();
	ticket_wait_accounted(ticket_draw());
}

void giant_lock_acquire(void)
{
	if (giant_lock_is_mine()) {
		giant_lock.depth++;
		return;
	}
	ticket_wait_accounted(ticket_draw());
	giant_lock.holder = cpu_number;
}

void giant_lock_release(void)
{
	assert(giant_lock_is_mine());
	if (giant_lock.depth > 0) {
		giant_lock.depth--;
		return;
	}
	giant_lock.holder = GIANT_LOCK_NOBODY;
	__atomic_store_n(&giant_lock.serving, giant_lock.serving + 1, __ATOMIC_RELEASE);
}
