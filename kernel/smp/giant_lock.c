/*
 * The giant lock beyond the entry code's quick way: waiting, and the ways of the idle loop and
 * of the event log.
 */
#include "kernel/smp/giant_lock.h"

#include "arch/ia32/cpu.h"
#include "arch/ia32/trap.h"
#include "kernel/measure/account.h"
#include "kernel/debug/trace.h"
#include "kernel/lib/assert.h"
#include "kernel/lock/domain.h"
#include "kernel/lock/lock.h"
#include "kernel/smp/processors.h"

/* Alone in its cache line. The boot processor holds it from the start, by ticket 0. */
struct ticket_lock giant_lock __attribute__((aligned(64))) UNGUARDED("a lock") = { .next = 1 };
LOCK_CLASS(giant_lock_class, kernel, LOCK_OF_KERNEL | LOCK_OPENS);

bool giant_lock_used SET_AT_BOOT;
CPU_LOCAL uint32_t giant_lock_ticket;
static CPU_LOCAL uint32_t giant_lock_depth; /* of giant_lock_enter() */

void giant_lock_start(void)
{
	lock_order_acquire(&giant_lock_class, &giant_lock);
	giant_lock_used = true;
}

void giant_lock_start_free(void)
{
	giant_lock.serving = giant_lock.next;
}

void giant_lock_wait(uint32_t ticket)
{
	giant_lock_ticket = ticket;
	ticket_wait(&giant_lock, ticket);
}

void giant_lock_kick(void)
{
	ticket_kick(&giant_lock);
}

void giant_lock_acquire(void)
{
	lock_order_acquire(&giant_lock_class, &giant_lock);
	const uint32_t ticket = ticket_draw(&giant_lock);
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
	ticket_pass(&giant_lock);
}

void giant_lock_release(void)
{
	assert_held(kernel);
	lock_order_release(&giant_lock_class, &giant_lock);
	hand_over();
}

/* What ran up to here was the kernel; the wait is charged to spinning. */
void giant_lock_enter(void)
{
	struct lock_counts *counts = &lock_counts[LOCK_DOMAIN_kernel];
	uint32_t flags;

	if (giant_lock_depth++ > 0)
		return;
	if (giant_lock.next != giant_lock.serving) {
		if (account_running)
			account_charge(&cpu_account.kernel_cycles);
		counts->contended++;
	}
	counts->taken++;
	flags = interrupts_save();
	giant_lock_acquire();
	interrupts_restore(flags);
}

void giant_lock_exit(void)
{
	assert_held(kernel);
	if (--giant_lock_depth == 0)
		giant_lock_release();
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
