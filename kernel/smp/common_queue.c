/*
 * Placement without affinity (affinity=off): all threads wait in the common queue at all times, and
 * run on the processor that takes them next.
 */
#include "kernel/sched/placement.h"

static void common_started(void)
{
}

static void common_discard(struct thread *thread)
{
	(void)thread;
}

static void common_admit(struct thread *thread)
{
	(void)thread;
}

static void common_run(struct thread *thread)
{
	thread->place.cpu = cpu_number;
}

/*
 * The processor that should see to a thread that is ready: this one if it is about to look anyway.
 */
static uint32_t common_choose(void)
{
	if (!current_thread)
		return cpu_number;
	return placement_idle_cpus ? (uint32_t)__builtin_ctz(placement_idle_cpus)
				   : placement_least_busy();
}

static void common_give_back(struct thread *thread)
{
	const uint32_t cpu = common_choose();

	ready_queue_insert(&ready_threads, &thread->queue, thread->priority);
	placement_alert(thread, cpu);
}

static bool common_has(uint32_t priority)
{
	return ready_queue_has(&ready_threads, priority);
}

static int32_t common_home(const struct thread *thread)
{
	(void)thread;
	return -1;
}

const struct placement_policy placement_common_queue = {
	.threads_move = true,
	.started = common_started,
	.discard = common_discard,
	.admit = common_admit,
	.run = common_run,
	.take = placement_common_take,
	.give_back = common_give_back,
	.has = common_has,
	.home = common_home,
};
