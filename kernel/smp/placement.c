/*
 * Which processor runs which thread, and telling it so. A processor that waits for work says so in
 * idle_cpus while it still holds the lock, and halts with interrupts off until the very
 * instruction, so that whoever finds it idle can wake it by an interrupt and none is lost.
 */
#include "kernel/sched/placement.h"

#include "arch/ia32/context.h"
#include "arch/ia32/cpu.h"
#include "arch/ia32/smp/apic.h"
#include "kernel/measure/account.h"
#include "kernel/lock/kernel_lock.h"
#include "kernel/lib/options.h"
#include "kernel/measure/statistics.h"
#include "kernel/interrupt/supervisor.h"
#include "kernel/debug/trace.h"
#include "kernel/lib/assert.h"
#include "kernel/mem/container.h"
#include "kernel/sched/scheduler.h"
#include "kernel/sched/thread.h"
#include "kernel/smp/cross_call.h"

/* Of the threads that stay on each processor; and how many those are, ready or not. */
static struct ready_queue queues[CASTLE_CPUS_MAX] GUARDED_BY(scheduler);
static uint32_t bound[CASTLE_CPUS_MAX] GUARDED_BY(scheduler);
/* A bit for each processor that waits for work. */
static uint32_t idle_cpus GUARDED_BY(scheduler);
static CPU_LOCAL bool common_first; /* who wins a draw next time, so that nobody starves */

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
	if (thread->signal_pending & ~thread->signal_mask)
		exit_work_set(EXIT_WORK_USER_SIGNAL);
}

void placement_init(void)
{
	supervisor_register(SUPERVISOR_RESCHEDULE, reschedule_work);
}

void placement_started(void)
{
	if (cpu_count == 1)
		return;
	interrupt_register(APIC_LINE_RESCHEDULE, reschedule_interrupt);
	idle_cpus = cross_call_others();
	for (uint32_t cpu = 0; cpu < cpu_count; cpu++)
		ready_queue_init(&queues[cpu]);
}

/* From now on the thread waits in this processor's own queue. */
static void stay_on(struct placement *place, uint32_t cpu)
{
	place->cpu = cpu;
	place->queue = &queues[cpu];
	bound[cpu]++;
}

/* Threads are bound to the processor that they run on first. */
void placement_bind(struct placement *place)
{
	place->cpu = cpu_number;
	if (kernel_options.affinity && place->queue == &ready_threads)
		stay_on(place, cpu_number);
}

void placement_unbind(struct placement *place)
{
	if (place->queue != &ready_threads)
		bound[place->cpu]--;
}

/* The idle processor with the fewest threads of its own. */
static uint32_t idle_choose(void)
{
	uint32_t best = __builtin_ctz(idle_cpus);

	for (uint32_t left = idle_cpus; left; left &= left - 1) {
		const uint32_t cpu = __builtin_ctz(left);
		if (bound[cpu] < bound[best])
			best = cpu;
	}
	return best;
}

void placement_choose_idle(struct placement *place)
{
	if (idle_cpus && kernel_options.affinity)
		stay_on(place, idle_choose());
}

int32_t placement_home(const struct placement *place)
{
	return place->queue == &ready_threads && cpu_count > 1 ? -1 : (int32_t)place->cpu;
}

struct list *placement_take_either(void)
{
	struct ready_queue *queue = &queues[cpu_number];
	const uint32_t own = queue->in_use, common = ready_threads.in_use;

	if (!own)
		queue = &ready_threads;
	else if (common && __builtin_ctz(common) < __builtin_ctz(own))
		queue = &ready_threads;
	else if (common && __builtin_ctz(common) == __builtin_ctz(own)) {
		common_first = !common_first;
		if (common_first)
			queue = &ready_threads;
	}
	return ready_queue_take(queue);
}

bool placement_has_either(unsigned priority)
{
	return ready_queue_has(&queues[cpu_number], priority) ||
	       ready_queue_has(&ready_threads, priority);
}

static void processor_tell(uint32_t cpu)
{
	idle_cpus &= ~bit_of(cpu);
	TRACE_COUNT(statistic_reschedules, IPI, cpu, APIC_LINE_RESCHEDULE);
	apic_send(cpus[cpu].apic_id, APIC_LINE_RESCHEDULE);
}

/* The priority of what the processor runs; below all others if it runs nothing. */
static uint32_t running_priority(uint32_t cpu)
{
	const struct thread *current = *CPU_LOCAL_OF(cpu, current_thread);

	return current ? current->priority : READY_QUEUE_PRIORITIES;
}

static uint32_t least_busy(void)
{
	uint32_t least = cpu_number;

	for (uint32_t cpu = 0; cpu < cpu_count; cpu++)
		if (running_priority(cpu) > running_priority(least))
			least = cpu;
	return least;
}

/* The processor that should see to the thread, which is ready. */
static uint32_t processor_choose(const struct thread *thread)
{
	if (thread->placement.queue != &ready_threads)
		return thread->placement.cpu;
	if (!current_thread)
		return cpu_number; /* which is about to look for work */
	return idle_cpus ? idle_choose() : least_busy();
}

void placement_insert(struct thread *thread)
{
	const uint32_t cpu = processor_choose(thread);

	ready_queue_insert(thread->placement.queue, &thread->queue, thread->priority);
	if (cpu != cpu_number) {
		if (idle_cpus & bit_of(cpu) || thread->priority < running_priority(cpu))
			processor_tell(cpu);
	} else if (current_thread && thread->priority < current_thread->priority) {
		exit_work_set(EXIT_WORK_SCHEDULE);
	}
}

/* First level, on the processor that the thread runs on. */
static void evict_here(void)
{
	scheduler_forget(current_thread);
	current_thread = NULL;
	container_deactivate();
	exit_work_set(EXIT_WORK_SCHEDULE);
}

void placement_evict(const struct thread *thread)
{
	statistic_evictions++;
	cross_call(bit_of(thread->placement.cpu), evict_here);
}

void placement_remind(const struct thread *thread)
{
	processor_tell(thread->placement.cpu);
}

void placement_idle_begin(void)
{
	if (cpu_count == 1)
		return;
	container_deactivate();
	if (!kernel_options.affinity)
		scheduler_unload();
	idle_cpus |= bit_of(cpu_number);
	giant_lock_release();
}

void placement_idle_end(void)
{
	if (cpu_count == 1)
		return;
	giant_lock_acquire();
	idle_cpus &= ~bit_of(cpu_number);
}

void placement_await_work(void)
{
	interrupts_off();
	while (!supervisor_pending())
		cpu_wait_for_interrupt();
	account_idle_end();
	placement_idle_end();
}
