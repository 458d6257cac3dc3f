/*
 * Dealing: which processor runs a thread that has nothing left to do in the kernel.
 */
#include "arch/ia32/cpulocal.h"
#include "arch/ia32/smp/apic.h"
#include "kernel/lock/domain.h"
#include "kernel/mem/container_directories.h"
#include "kernel/organisation/smp/masterslave.h"
#include "kernel/organisation/smp/masterslave_master.h"
#include "kernel/sched/thread.h"

bool masterslave_master_runs SET_AT_BOOT = true;

struct ready_queue masterslave_programs GUARDED_BY(scheduler);
uint32_t masterslave_free_slaves GUARDED_BY(scheduler);
struct thread *masterslave_serving GUARDED_BY(scheduler);
/* Slaves with more than one thread, a bit each. */
static uint32_t crowded_slaves GUARDED_BY(scheduler);

void masterslave_deal_init(void)
{
	ready_queue_init(&masterslave_programs);
}

void masterslave_slave_interrupt_send(uint32_t cpu)
{
	apic_send(cpus[cpu].apic_id, APIC_LINE_RESCHEDULE);
}

/* A processor has nothing to do: a slave with several threads hands one over that waits. */
void masterslave_relieve(void)
{
	if (crowded_slaves) {
		const uint32_t cpu = __builtin_ctz(crowded_slaves);
		masterslave_slaves[cpu].crowded = true;
		masterslave_slave_interrupt_send(cpu);
	}
}

static inline void bit_set_if(uint32_t *bits, uint32_t cpu, bool condition)
{
	*bits = (*bits & ~(1u << cpu)) | (uint32_t)condition << cpu;
}

static void slave_count(uint32_t cpu, uint32_t difference)
{
	struct slave *slave = &masterslave_slaves[cpu];

	slave->dealt += difference;
	bit_set_if(&masterslave_free_slaves, cpu, slave->dealt == 0);
	bit_set_if(&crowded_slaves, cpu, slave->dealt > 1);
	if (slave->dealt == 0)
		masterslave_relieve();
}

/* The thread that is served stays for longer, or goes elsewhere. */
void masterslave_serving_end(void)
{
	const uint32_t cpu = masterslave_serving->place.cpu;

	masterslave_serving = NULL;
	masterslave_slaves[cpu].kept++;
	slave_count(cpu, -1u);
}

/* The priority of what a slave runs, above all others if that is nothing. */
static uint32_t running_priority(const struct slave *slave)
{
	const struct thread *runs = slave->runs;

	return runs ? runs->priority : 0;
}

bool masterslave_is_more_urgent(const struct thread *thread, const struct slave *slave)
{
	return thread->priority < running_priority(slave);
}

/* The one that runs the lowest priority; of these, the one with the fewest. */
static bool is_better(const struct slave *slave, const struct slave *other)
{
	const uint32_t priority = running_priority(slave), others = running_priority(other);

	return priority > others || (priority == others && slave->dealt < other->dealt);
}

/* No slave is free. */
static uint32_t slave_choose(uint32_t best)
{
	for (uint32_t cpu = MASTER + 1; cpu < cpu_count; cpu++)
		if (best == MASTER ||
		    is_better(&masterslave_slaves[cpu], &masterslave_slaves[best]))
			best = cpu;
	return best;
}

/*
 * The processor for a thread that is to run its program: the slave that it ran on last, or another
 * one, if that is free; else the master, if it has no program; else the slave that runs the lowest
 * priority, or has the fewest.
 */
static uint32_t processor_choose(const struct thread *thread)
{
	const uint32_t last = thread->place.cpu;

	if (masterslave_free_slaves & 1u << last)
		return last;
	if (masterslave_free_slaves)
		return __builtin_ctz(masterslave_free_slaves);
	if (masterslave_master_runs && !masterslave_programs.in_use)
		return MASTER;
	return slave_choose(last);
}

void masterslave_keep(struct thread *thread)
{
	thread->state = THREAD_READY;
	thread->place.queue = &masterslave_programs;
	ready_queue_insert(&masterslave_programs, &thread->queue, thread->priority);
}

static void deal_to(struct thread *thread, uint32_t cpu)
{
	struct slave *slave = &masterslave_slaves[cpu];

	thread->state = THREAD_RUNNING;
	thread->place.cpu = cpu;
	thread->place.fresh = false;
	slave_count(cpu, 1);
	mail_put(&slave->mail, thread);
	/* Whatever the slave does with it, nobody but the master frees it. */
	if (slave->mail.asks || masterslave_is_more_urgent(thread, slave))
		masterslave_slave_interrupt_send(cpu);
}

/*
 * Gives a thread that has nothing left to do in the kernel to a slave, if it is for one. Without
 * memory for the slave to run its container with, it is not: the scheduler sees to that here.
 */
bool masterslave_deal_out(struct thread *thread)
{
	uint32_t cpu;

	if (thread == masterslave_serving)
		masterslave_serving_end();
	cpu = processor_choose(thread);
	if (cpu == MASTER || !container_prepare(thread->container) ||
	    !container_prepare_cpu(thread->container, cpu))
		return false;
	deal_to(thread, cpu);
	return true;
}

void masterslave_deal(struct thread *thread)
{
	if (!masterslave_deal_out(thread))
		masterslave_keep(thread);
}
