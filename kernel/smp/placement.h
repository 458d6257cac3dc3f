/*
 * Placement of threads on several processors (Section 3.3.1). A new thread goes to an idle
 * processor, the one with the fewest threads of its own; if none is idle it waits in the common
 * queue for the first that has time. Where it runs first it stays: from then on it waits in that
 * processor's own queue. With affinity=off all threads wait in the common queue at all times.
 *
 * Included by kernel/proc/placement.h, which says what these functions are for.
 */
#ifndef KERNEL_SMP_PLACEMENT_H
#define KERNEL_SMP_PLACEMENT_H

#include <stdint.h>
#include "arch/ia32/cpulocal.h"
#include "kernel/proc/ready_queue.h"

struct placement {
	struct ready_queue *queue; /* where the thread waits when it is ready */
	uint32_t cpu;              /* where it runs, ran last, or will run first */
};

/* The queue of threads that stay on this processor; the common one where threads do not stay. */
extern CPU_LOCAL struct ready_queue *own_queue;

/* Counts for castle_smp_info. */
extern uint32_t placement_reschedules, placement_evictions;

/* Before the first thread is made; and when all processors have been started. */
void placement_init(void);
void placement_started(void);

/* On a further processor: waits without the lock until there is something to do, then takes it. */
void placement_await_work(void);

/* The slow ways of the functions below. */
void placement_bind(struct placement *place);
struct list *placement_take_either(void);
bool placement_notify(const struct thread *thread);

void placement_destroy(struct placement *place);
void placement_choose(struct placement *place);
int32_t placement_home(const struct placement *place);
void placement_evict(const struct thread *thread);
void placement_remind(const struct thread *thread);
void placement_idle_begin(void);
void placement_idle_end(void);

static inline void placement_create(struct placement *place)
{
	place->queue = &ready_threads;
}

static inline struct ready_queue *placement_queue(const struct placement *place)
{
	return place->queue;
}

static inline void placement_run(struct placement *place)
{
	place->cpu = cpu_number;
	if (place->queue != own_queue)
		placement_bind(place);
}

static inline uint32_t placement_cpu(const struct placement *place)
{
	return place->cpu;
}

static inline struct list *placement_take(void)
{
	return own_queue == &ready_threads ? ready_queue_take(&ready_threads)
					   : placement_take_either();
}

static inline bool placement_has(unsigned priority)
{
	return ready_queue_has(own_queue, priority) || ready_queue_has(&ready_threads, priority);
}

static inline bool placement_is_here(const struct thread *thread)
{
	return cpu_count == 1 || placement_notify(thread);
}

#endif
