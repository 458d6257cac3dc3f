/*
 * The lock profile on the other processors (Section 3.4): each starts and stops its own account, by
 * its own cycle counter, when it is asked to.
 */
#include "kernel/measure/account.h"
#include "arch/ia32/processors.h"
#include "kernel/lock/domain.h"
#include "kernel/sched/thread.h"
#include "kernel/smp/cross_call.h"
#include "kernel/smp/ticket.h"

void processors_account_start(void)
{
	assert_held(driver);
	cross_call(cross_call_others(), account_start);
}

/* First level: what this processor was doing decides what the time is charged to. */
static void account_stop_here(void)
{
	if (ticket_waiting)
		account_stop(&cpu_account.spinning_cycles);
	else if (current_thread)
		account_stop(&cpu_account.user_cycles);
	else
		account_stop(&cpu_account.idle_cycles);
}

void processors_account_stop(void)
{
	assert_held(driver);
	cross_call(cross_call_others(), account_stop_here);
}
