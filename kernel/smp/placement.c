/*
 * What all placement policies share: which processors are idle, and telling one that there is
 * something for it. A processor that waits for work says so in placement_idle_cpus while it still
 * holds the lock, and halts with interrupts off until the very instruction, so that whoever finds
 * it idle can wake it by an interrupt and none is lost.
 */
#include "kernel/sched/placement.h"

#include "arch/ia32/cpu.h"
#include "arch/ia32/reference.h"
#include "arch/ia32/smp/apic.h"
#include "kernel/debug/trace.h"
#include "kernel/lib/options.h"
#include "kernel/organisation/organisation.h"
#include "kernel/lock/kernel_lock.h"
#include "kernel/lock/lock.h"
#include "kernel/measure/account.h"
#include "kernel/measure/statistics.h"
#include "kernel/mem/container.h"
#include "kernel/smp/cross_call.h"

struct placement_policy placement_policy SET_AT_BOOT;
uint32_t placement_idle_cpus GUARDED_BY(scheduler);
uint32_t placement_thread_cpus SET_AT_BOOT;

static uint32_t bit_of(uint32_t cpu)
{
	return 1u << cpu;
}

/* First level. */
static void reschedule_interrupt(void)
{
	supervisor_raise(SUPERVISOR_RESCHEDULE);
}

/* Second level: a thread of higher priority may wait, or a signal for the one that runs. */
static void reschedule_work(void)
{
	const struct thread *thread = current_thread;

	if (!thread)
		return;
	if (thread->priority > 0 && placement_has(thread->priority - 1))
		exit_work_set(EXIT_WORK_SCHEDULE);
	if (thread_deliverable(thread))
		exit_work_set(EXIT_WORK_USER_SIGNAL);
}

const struct placement_policy *placement_asked_for(void)
{
	return kernel_options.affinity ? &placement_affinity : &placement_common_queue;
}

void placement_init(void)
{
	const struct organisation *organisation = kernel_options.organisation;

	if (organisation->placement)
		placement_policy = *organisation->placement();
	supervisor_register(SUPERVISOR_RESCHEDULE, reschedule_work);
}

void placement_started(void)
{
	if (cpu_count == 1)
		return;
	interrupt_register(APIC_LINE_RESCHEDULE, reschedule_interrupt);
	placement_idle_cpus = cross_call_others();
	placement_thread_cpus = placement_idle_cpus | bit_of(cpu_number);
	placement_policy.started();
}

static inline __attribute__((always_inline)) void tell(uint32_t cpu)
{
	bits_clear(&placement_idle_cpus, bit_of(cpu));
	TRACE_COUNT(statistic_reschedules, IPI, cpu, APIC_LINE_RESCHEDULE);
	apic_send(cpus[cpu].apic_id, APIC_LINE_RESCHEDULE);
}

void placement_tell(uint32_t cpu)
{
	tell(cpu);
}

void placement_runs_already(struct thread *thread)
{
	(void)thread;
}

/* The priority of what the processor runs; below all others if it runs nothing. */
static uint32_t running_priority(uint32_t cpu)
{
	const struct thread *current = *CPU_LOCAL_OF(cpu, current_thread);

	return current ? current->priority : READY_QUEUE_PRIORITIES;
}

uint32_t placement_least_busy(void)
{
	uint32_t least = cpu_number;

	assert_held(scheduler);
	for (uint32_t cpu = 0; cpu < cpu_count; cpu++)
		if (running_priority(cpu) > running_priority(least))
			least = cpu;
	return least;
}

void placement_alert(const struct thread *thread, uint32_t cpu)
{
	assert_held(scheduler);
	if (cpu != cpu_number) {
		if (placement_idle_cpus & bit_of(cpu) || thread->priority < running_priority(cpu))
			tell(cpu);
	} else if (current_thread && thread->priority < current_thread->priority) {
		exit_work_set(EXIT_WORK_SCHEDULE);
	}
}

void placement_remind(const struct thread *thread)
{
	assert_held(scheduler);
	placement_tell(thread->place.cpu);
}

LOCK_REPLACED void placement_idle_begin(void)
{
	if (cpu_count == 1)
		return;
	container_deactivate();
	lock_acquire(blocking, &blocking_lock);
	placement_idle_cpus |= bit_of(cpu_number);
	lock_release(blocking, &blocking_lock);
	if (kernel_lock_in_use())
		kernel_lock_release();
}

LOCK_REPLACED void placement_idle_end(void)
{
	if (cpu_count > 1 && kernel_lock_in_use())
		kernel_lock_acquire();
	lock_acquire(blocking, &blocking_lock);
	placement_idle_cpus &= ~bit_of(cpu_number);
	lock_release(blocking, &blocking_lock);
}

void placement_await_work(void)
{
	interrupts_off();
	while (!supervisor_pending())
		cpu_wait_for_interrupt();
	account_idle_end();
	placement_idle_end();
}
