/*
 * Function calls between processors.
 */
#include "kernel/smp/cross_call.h"

#include "arch/ia32/cpu.h"
#include "arch/ia32/cpulocal.h"
#include "arch/ia32/smp/apic.h"
#include "kernel/lock/domain.h"
#include "kernel/measure/statistics.h"
#include "kernel/debug/lock_order.h"
#include "kernel/debug/trace.h"

static void (*call_function)(void) GUARDED_BY(remote);
/* Processors that have not run it yet. */
static volatile uint32_t call_pending UNGUARDED("set under remote; bits are cleared atomically");
LOCK_CLASS_UNRANKED(cross_call_class, "cross call", LOCK_EVENT);

/* First level. */
static void call_interrupt(void)
{
	if (!(call_pending & 1u << cpu_number))
		return;
	lock_order_begin(&cross_call_class);
	call_function();
	lock_order_release(&cross_call_class, &cross_call_class);
	__atomic_and_fetch(&call_pending, ~(1u << cpu_number), __ATOMIC_RELEASE);
}

void cross_call_init(void)
{
	interrupt_register(APIC_LINE_CALL, call_interrupt);
}

uint32_t cross_call_others(void)
{
	return ((cpu_count < 32 ? 1u << cpu_count : 0) - 1) & ~(1u << cpu_number);
}

void cross_call(uint32_t targets, void (*function)(void))
{
	assert_held(remote);
	lock_order_acquire(&cross_call_class, &cross_call_class);
	statistic_remote_calls++;
	call_function = function;
	__atomic_store_n(&call_pending, targets, __ATOMIC_RELEASE);
	for (uint32_t left = targets; left; left &= left - 1) {
		TRACE(IPI, __builtin_ctz(left), APIC_LINE_CALL);
		apic_send(cpus[__builtin_ctz(left)].apic_id, APIC_LINE_CALL);
	}
	while (__atomic_load_n(&call_pending, __ATOMIC_ACQUIRE))
		cpu_pause();
	lock_order_release(&cross_call_class, &cross_call_class);
}
