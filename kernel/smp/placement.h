/*
 * Placement of threads on several processors (Section 3.3.1). A new thread goes to an idle
 * processor, the one with the fewest threads of its own; if none is idle it waits in the common
 * queue for the first that has time. Where it runs first it stays: from then on it waits in that
 * processor's own queue. With affinity=off all threads wait in the common queue at all times.
 *
 * Included by kernel/sched/placement.h, which says what these functions are for.
 */
#ifndef KERNEL_SMP_PLACEMENT_H
#define KERNEL_SMP_PLACEMENT_H

#include <stdint.h>
#include "arch/ia32/cpulocal.h"
#include "kernel/sched/ready_queue.h"

struct placement {
	struct ready_queue *queue; /* where the thread waits when it is ready */
	uint32_t cpu;              /* where it runs, ran last, or will run first */
};

void placement_init(void);

/* All processors have been started. */
void placement_started(void);

/* On a further processor: waits without the lock until there is something to do, then takes it. */
void placement_await_work(void);

int32_t placement_home(const struct placement *place);
void placement_evict(const struct thread *thread);
void placement_remind(const struct thread *thread);
void placement_idle_begin(void);
void placement_idle_end(void);

/* The functions below where there is more than one processor. */
struct list *placement_take_either(void);
bool placement_has_either(unsigned priority);
void placement_insert(struct thread *thread);
void placement_bind(struct placement *place);
void placement_unbind(struct placement *place);
void placement_choose_idle(struct placement *place);

static inline void placement_create(struct placement *place)
{
	place->queue = &ready_threads;
}

static inline void placement_destroy(struct placement *place)
{
	if (several_processors())
		placement_unbind(place);
}

static inline void placement_choose(struct placement *place)
{
	if (several_processors())
		placement_choose_idle(place);
}

static inline struct ready_queue *placement_queue(const struct placement *place)
{
	return place->queue;
}

static inline void placement_run(struct placement *place)
{
	if (several_processors())
		placement_bind(place);
}

static inline uint32_t placement_cpu(const struct placement *place)
{
	return place->cpu;
}

static inline struct list *placement_take(void)
{
	return several_processors() ? placement_take_either() : ready_queue_take(&ready_threads);
}

static inline bool placement_has(unsigned priority)
{
	return several_processors() ? placement_has_either(priority)
				    : ready_queue_has(&ready_threads, priority);
}

static inline bool placement_ready(struct thread *thread)
{
	if (!several_processors())
		return false;
	placement_insert(thread);
	return true;
}

#endif
