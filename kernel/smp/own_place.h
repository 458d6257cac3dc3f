/*
 * Which processor a thread belongs to where each has a ready queue of its own, whatever keeps those
 * queues: a thread is given a processor when it starts, and stays there.
 *
 * Contract of all functions here: Caller holds nothing.
 */
#ifndef KERNEL_SMP_OWN_PLACE_H
#define KERNEL_SMP_OWN_PLACE_H

#include "arch/ia32/reference.h"
#include "kernel/sched/scheduler.h"

struct own_place {
	int32_t bound;       /* threads that stay here, ready or not */
	uint32_t idle_since; /* the processor: cycles, of which these are the low ones */
} __attribute__((aligned(64)));

extern struct own_place own_places[CASTLE_CPUS_MAX];

/*
 * A look at a number without a lock, before it is worth taking one, or at who is idle: whoever puts
 * a thread into a queue after that looks for idle processors, and those look at their queue again.
 */
static inline uint32_t glance(const uint32_t *number)
{
	return __atomic_load_n(number, __ATOMIC_RELAXED);
}

static inline bool has_own_place(const struct thread *thread)
{
	return thread->place.queue != &ready_threads;
}

/* The thread belongs to this processor, and waits in this queue of it, from now on. */
static inline void own_place_stay(struct thread *thread, uint32_t cpu, struct ready_queue *queue)
{
	thread->place.cpu = cpu;
	thread->place.queue = queue;
	reference_take(&own_places[cpu].bound);
}

/* It does not any more. */
static inline void own_place_leave(struct thread *thread)
{
	if (has_own_place(thread))
		reference_drop(&own_places[thread->place.cpu].bound);
}

/*
 * The processor for a new thread: an idle one, or this one, or, where others wait already, the one
 * with the fewest threads. `others_wait`: there are threads in this one's queue.
 */
uint32_t own_place_find(bool others_wait);

/* Mostly nobody idles, and the new thread runs as soon as the current one waits. */
static inline uint32_t own_place_best(bool others_wait)
{
	if (!glance(&placement_idle_cpus) && !others_wait &&
	    placement_thread_cpus & 1u << cpu_number)
		return cpu_number;
	return own_place_find(others_wait);
}

/*
 * What runs there may end meanwhile, and its memory be something else: then the processor is told
 * for nothing, or looks by itself, since it takes another thread.
 */
static inline uint32_t own_place_running_priority(uint32_t cpu)
{
	const struct thread *current = *CPU_LOCAL_OF(cpu, current_thread);

	return current ? current->priority : 0;
}

/*
 * A thread of this priority has been put into the queue of the processor, with an instruction that
 * is a fence: it is told if it idles, or runs something of lower priority.
 */
static inline void own_place_alert(uint32_t cpu, uint32_t priority)
{
	if (cpu != cpu_number) {
		if (glance(&placement_idle_cpus) & 1u << cpu ||
		    priority < own_place_running_priority(cpu))
			placement_tell(cpu);
	} else if (current_thread && priority < current_thread->priority) {
		exit_work_set(EXIT_WORK_SCHEDULE);
	}
}

/* Where the thread runs; -1: it has no place yet. */
int32_t own_place_home(const struct thread *thread);

/* This processor idles; the caller looks at queues after that. */
void own_place_idle(void);

#endif
