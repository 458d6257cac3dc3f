/*
 * Placement with affinity (Section 3.3.1). A new thread goes to an idle processor, the one with the
 * fewest threads of its own; if none is idle it waits in the common queue for the first that has
 * time. Where it runs first it stays: from then on it waits in that processor's own queue.
 */
#include <castle/info.h>
#include "kernel/lock/domain.h"
#include "kernel/sched/placement.h"

/* The threads that stay on each processor, and how many those are, ready or not. */
static struct ready_queue queues[CASTLE_CPUS_MAX] GUARDED_BY(scheduler);
static uint32_t bound[CASTLE_CPUS_MAX] GUARDED_BY(scheduler);

static CPU_LOCAL bool common_first; /* who wins a draw next time, so that nobody starves */

static void affinity_started(void)
{
	for (uint32_t cpu = 0; cpu < cpu_count; cpu++)
		ready_queue_init(&queues[cpu]);
}

/* From now on the thread waits in this processor's own queue. */
static void stay_on(struct thread *thread, uint32_t cpu)
{
	thread->place.cpu = cpu;
	thread->place.queue = &queues[cpu];
	bound[cpu]++;
}

static void affinity_run(struct thread *thread)
{
	thread->place.cpu = cpu_number;
	if (thread->place.queue == &ready_threads)
		stay_on(thread, cpu_number);
}

static void affinity_discard(struct thread *thread)
{
	if (thread->place.queue != &ready_threads)
		bound[thread->place.cpu]--;
}

/*
 * The idle processor with the fewest threads of its own: not just any, since threads that start and
 * then wait for each other would otherwise all begin, and stay, on the first.
 */
static uint32_t idle_choose(void)
{
	uint32_t best = __builtin_ctz(placement_idle_cpus);

	for (uint32_t left = placement_idle_cpus; left; left &= left - 1) {
		const uint32_t cpu = __builtin_ctz(left);
		if (bound[cpu] < bound[best])
			best = cpu;
	}
	return best;
}

static void affinity_admit(struct thread *thread)
{
	if (placement_idle_cpus)
		stay_on(thread, idle_choose());
}

/* Equal priorities in the two queues take turns. */
static struct thread *affinity_take(void)
{
	struct ready_queue *queue = &queues[cpu_number];
	const uint32_t own = queue->in_use, common = ready_threads.in_use;
	struct list *node;

	if (!own)
		queue = &ready_threads;
	else if (common && __builtin_ctz(common) < __builtin_ctz(own))
		queue = &ready_threads;
	else if (common && __builtin_ctz(common) == __builtin_ctz(own)) {
		common_first = !common_first;
		if (common_first)
			queue = &ready_threads;
	}
	node = ready_queue_take(queue);
	return node ? list_entry(node, struct thread, queue) : NULL;
}

/* The processor that should see to the thread: this one if it is about to look for work anyway. */
static uint32_t affinity_choose(const struct thread *thread)
{
	if (thread->place.queue != &ready_threads)
		return thread->place.cpu;
	if (!current_thread)
		return cpu_number;
	return placement_idle_cpus ? idle_choose() : placement_least_busy();
}

static void affinity_give_back(struct thread *thread)
{
	const uint32_t cpu = affinity_choose(thread);

	ready_queue_insert(thread->place.queue, &thread->queue, thread->priority);
	placement_alert(thread, cpu);
}

static bool affinity_has(uint32_t priority)
{
	return ready_queue_has(&queues[cpu_number], priority) ||
	       ready_queue_has(&ready_threads, priority);
}

static int32_t affinity_home(const struct thread *thread)
{
	return thread->place.queue == &ready_threads ? -1 : (int32_t)thread->place.cpu;
}

const struct placement_policy placement_affinity = {
	.started = affinity_started,
	.discard = affinity_discard,
	.admit = affinity_admit,
	.run = affinity_run,
	.take = affinity_take,
	.give_back = affinity_give_back,
	.has = affinity_has,
	.home = affinity_home,
};
