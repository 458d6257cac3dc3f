/*
 * Ticks from the local APIC's timer.
 */
#include "kernel/smp/tick.h"

#include "arch/ia32/cpulocal.h"
#include "arch/ia32/smp/apic.h"
#include "kernel/lib/options.h"
#include "kernel/interrupt/supervisor.h"
#include "kernel/lock/domain.h"
#include "kernel/sched/scheduler.h"
#include "kernel/sched/thread.h"
#include "kernel/time/timer.h"

/* With jitter, the next interrupt comes after 1/1024 to 1/4 of a tick. */
#define JITTER_RANGE 256u
#define JITTER_UNIT  1024u

static uint32_t count_per_tick SET_AT_BOOT;
static CPU_LOCAL uint32_t random;

/* Marsaglia's xorshift (Journal of Statistical Software 8(14), 2003). */
static uint32_t random_next(void)
{
	random ^= random << 13;
	random ^= random >> 17;
	random ^= random << 5;
	return random;
}

static void jitter_start(void)
{
	const uint32_t units = 1 + random_next() % JITTER_RANGE;

	apic_timer_start(count_per_tick / JITTER_UNIT * units, false);
}

/* First level. An idle processor has nothing to do but to count, and to look for work. */
static void idle_tick(void)
{
	scheduler_tick();
	if (placement_policy.elsewhere && placement_policy.elsewhere())
		supervisor_raise(SUPERVISOR_RESCHEDULE);
}

static void tick_interrupt(void)
{
	if (kernel_options.jitter)
		jitter_start();
	if (current_thread)
		supervisor_raise(SUPERVISOR_SLICE);
	else
		idle_tick();
}

/* Second level. */
static void tick_work(void)
{
	if (cpu_number != device_cpu)
		scheduler_tick();
	if (kernel_options.jitter && current_thread) {
		current_thread->slice = 0;
		exit_work_set(EXIT_WORK_SCHEDULE);
	}
}

void tick_init(void)
{
	count_per_tick = apic_timer_measure(1000000 / TICK_HZ);
	interrupt_register(APIC_LINE_TIMER, tick_interrupt);
	supervisor_register(SUPERVISOR_SLICE, tick_work);
	if (kernel_options.jitter)
		tick_start_processor();
}

void tick_start_processor(void)
{
	if (kernel_options.jitter) {
		random = kernel_options.jitter * CASTLE_CPUS_MAX + cpu_number + 1;
		jitter_start();
	} else {
		apic_timer_start(count_per_tick, true);
	}
}
