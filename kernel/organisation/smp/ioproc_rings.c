/*
 * How I/O processors hand threads over that they have woken: through a ring for each two
 * processors, with one writer, the I/O processor, and one reader, which puts them into its own
 * ready queue. No I/O processor takes another one's queue's lock.
 *
 * A processor that idles is interrupted. Whether it does is looked at after the ring was written,
 * but it may begin to idle at that very moment, without having looked at its rings: an I/O
 * processor, which never rests, looks at all rings again and again (ioproc_rings_remind()).
 */
#include "kernel/lock/domain.h"
#include "kernel/organisation/smp/ioproc.h"
#include "kernel/sched/scheduler.h"
#include "kernel/smp/own_queues.h"

#define RING_SIZE 64u /* a power of two */

/* The indices count on for ever; each is in the cache line of the one who writes it. */
struct ring {
	uint32_t taken __attribute__((aligned(64)));
	uint32_t put __attribute__((aligned(64)));
	struct thread *threads[RING_SIZE];
};

static struct ring rings[IOPROC_MAX][CASTLE_CPUS_MAX] UNGUARDED("one writer, one reader");
static struct placement_policy policy SET_AT_BOOT;

static uint32_t index_read(const uint32_t *index)
{
	return __atomic_load_n(index, __ATOMIC_ACQUIRE);
}

static bool ring_waits(const struct ring *ring)
{
	return index_read(&ring->put) != index_read(&ring->taken);
}

/* False if there is no room. */
static bool ring_put(struct ring *ring, struct thread *thread)
{
	const uint32_t put = ring->put;

	if (put - index_read(&ring->taken) == RING_SIZE)
		return false;
	ring->threads[put % RING_SIZE] = thread;
	/* Before idle processors are looked for. */
	__atomic_store_n(&ring->put, put + 1, __ATOMIC_SEQ_CST);
	return true;
}

/* Into the reader's own queue. Once the place in the ring is free it may be written again. */
static void ring_empty(struct ring *ring)
{
	while (ring_waits(ring)) {
		struct thread *thread = ring->threads[ring->taken % RING_SIZE];
		__atomic_store_n(&ring->taken, ring->taken + 1, __ATOMIC_RELEASE);
		placement_own_queues.give_back(thread);
	}
}

static void rings_empty(void)
{
	for (uint32_t from = 0; from < ioproc_count; from++)
		ring_empty(&rings[from][cpu_number]);
}

static bool idles(uint32_t cpu)
{
	return __atomic_load_n(&placement_idle_cpus, __ATOMIC_SEQ_CST) & 1u << cpu;
}

/* What runs there may end meanwhile: then the processor is told for nothing, or looks by itself. */
static bool runs_less_urgent(uint32_t cpu, uint32_t priority)
{
	const struct thread *current = *CPU_LOCAL_OF(cpu, current_thread);

	return current && priority < current->priority;
}

/* The thread may run, and end, as soon as it is in the ring. */
static void give_back(struct thread *thread)
{
	const uint32_t cpu = thread->place.cpu, priority = thread->priority;

	if (!ioproc_is_one(cpu_number) || !ring_put(&rings[cpu_number][cpu], thread)) {
		placement_own_queues.give_back(thread);
		return;
	}
	if (idles(cpu) || runs_less_urgent(cpu, priority))
		placement_tell(cpu);
}

void ioproc_rings_remind(void)
{
	for (uint32_t cpu = ioproc_count; cpu < cpu_count; cpu++)
		if (ring_waits(&rings[cpu_number][cpu]) && idles(cpu))
			placement_tell(cpu);
}

/* An I/O processor that looks for a thread to run has come from the boot, and has devices to do. */
static struct thread *take(void)
{
	if (ioproc_is_one(cpu_number))
		ioproc_serve();
	rings_empty();
	return placement_own_queues.take();
}

static bool has(uint32_t priority)
{
	rings_empty();
	return placement_own_queues.has(priority);
}

/* Of few processors, one at least runs programs. None of the others is given a thread. */
static void started(void)
{
	if (ioproc_count >= cpu_count)
		ioproc_count = cpu_count - 1;
	placement_idle_cpus &= UINT32_MAX << ioproc_count;
	placement_thread_cpus &= UINT32_MAX << ioproc_count;
	placement_own_queues.started();
}

const struct placement_policy *ioproc_placement(void)
{
	policy = placement_own_queues;
	policy.started = started;
	policy.take = take;
	policy.give_back = give_back;
	policy.has = has;
	return &policy;
}
