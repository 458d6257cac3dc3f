/*
 * Placement with a ready queue for each processor, and a lock for each queue (fine-grained locking,
 * Section 2.3.3). A thread is given a processor when it starts: an idle one, or this one, or, where
 * others wait already, the one with the fewest threads. There it stays; but a processor that has
 * nothing to do takes over threads that have not run yet.
 *
 * A thread that is taken runs from then on: its state and its processor change with the queue, so
 * that whoever looks for it, to tell it of a signal, finds it either in a queue or on the processor
 * that looks next. Idle processors say so before they look at their queue once more, and whoever
 * puts a thread into a queue looks for idle processors after that: one of the two sees the other.
 */
#include "kernel/smp/own_queues.h"

#include "kernel/lock/lock.h"
#include "kernel/mem/container.h"
#include "kernel/sched/scheduler.h"
#include "kernel/smp/own_place.h"

struct own_queue {
	struct ready_queue ready; /* first, since a thread's place names it */
	struct lock lock;
	uint32_t fresh; /* of those that are ready, the ones that have not run yet */
} __attribute__((aligned(64)));

static struct own_queue queues[CASTLE_CPUS_MAX] UNGUARDED("each has a lock in it");

static inline struct own_queue *queue_of(const struct thread *thread)
{
	return (struct own_queue *)thread->place.queue;
}

/* Computed once: the compiler would do so each time that it is used. */
static inline struct own_queue *own_queue(void)
{
	struct own_queue *queue = &queues[cpu_number];

	asm("" : "+r"(queue));
	return queue;
}

static inline void queue_lock(struct own_queue *queue)
{
	lock_take(&queue->lock, LOCK_DOMAIN_scheduler);
}

static inline void queue_unlock(struct own_queue *queue)
{
	lock_give(&queue->lock, LOCK_DOMAIN_scheduler);
}

static void own_started(void)
{
	for (uint32_t cpu = 0; cpu < cpu_count; cpu++)
		ready_queue_init(&queues[cpu].ready);
}

static void stay_on(struct thread *thread, uint32_t cpu)
{
	own_place_stay(thread, cpu, &queues[cpu].ready);
}

static void own_admit(struct thread *thread)
{
	stay_on(thread, own_place_best(glance(&queues[cpu_number].ready.in_use)));
	thread->place.fresh = true;
	if (thread_is_dying(thread))
		thread->priority = 0;
}

/* Under the queue's lock. */
static struct thread *taken(struct own_queue *queue, struct list *node)
{
	struct thread *thread = list_entry(node, struct thread, queue);

	queue->fresh -= thread->place.fresh;
	thread->place.fresh = false;
	thread->state = THREAD_RUNNING;
	return thread;
}

/* One that has not run, of the highest priority that there is. */
static struct list *fresh_find(const struct own_queue *queue)
{
	struct list *node;

	for (uint32_t left = queue->ready.in_use; left; left &= left - 1)
		list_for_each (node, &queue->ready.threads[__builtin_ctz(left)])
			if (list_entry(node, struct thread, queue)->place.fresh)
				return node;
	return NULL;
}

static struct thread *steal_from(struct own_queue *queue)
{
	struct thread *thread = NULL;
	struct list *node;

	queue_lock(queue);
	node = fresh_find(queue);
	if (node) {
		thread = list_entry(node, struct thread, queue);
		ready_queue_remove(&queue->ready, node, thread->priority);
		taken(queue, node);
		own_place_leave(thread);
		stay_on(thread, cpu_number);
	}
	queue_unlock(queue);
	return thread;
}

static bool any_fresh(void)
{
	for (uint32_t cpu = 0; cpu < cpu_count; cpu++)
		if (glance(&queues[cpu].fresh))
			return true;
	return false;
}

__attribute__((noinline)) static struct thread *steal(void)
{
	for (uint32_t cpu = 0; cpu < cpu_count; cpu++) {
		struct thread *thread =
			glance(&queues[cpu].fresh) ? steal_from(&queues[cpu]) : NULL;
		if (thread)
			return thread;
	}
	return NULL;
}

static struct thread *own_take(void)
{
	struct own_queue *queue = own_queue();
	struct thread *thread = NULL;
	struct list *node;

	if (glance(&queue->ready.in_use)) {
		queue_lock(queue);
		node = ready_queue_take(&queue->ready);
		if (node)
			thread = taken(queue, node);
		queue_unlock(queue);
	}
	return thread ? thread : steal();
}

/* Once it is in the queue it may run elsewhere, and end. */
static void own_give_back(struct thread *thread)
{
	struct own_queue *queue;
	uint32_t cpu, priority;

	if (!has_own_place(thread))
		stay_on(thread, cpu_number);
	queue = queue_of(thread);
	cpu = thread->place.cpu;
	queue_lock(queue);
	priority = thread->priority;
	queue->fresh += thread->place.fresh;
	ready_queue_insert(&queue->ready, &thread->queue, priority);
	queue_unlock(queue);
	own_place_alert(cpu, priority);
}

/*
 * The ready queue is found by the thread, which another processor may take over until the lock is
 * had.
 */
static struct own_queue *queue_lock_of(struct thread *thread)
{
	for (;;) {
		struct own_queue *queue = queue_of(thread);
		queue_lock(queue);
		if (queue == queue_of(thread))
			return queue;
		queue_unlock(queue);
	}
}

/* It is new, and own_admit() sees to it; or there is but one processor. */
static void hasten_in_common(struct thread *thread)
{
	if (several_processors())
		return;
	if (thread->state == THREAD_READY) {
		ready_queue_remove(&ready_threads, &thread->queue, thread->priority);
		ready_queue_insert(&ready_threads, &thread->queue, 0);
	}
	thread->priority = 0;
}

/* A thread that is made ready is in no queue for a moment, and is put there by its priority. */
static void hasten_own(struct thread *thread)
{
	struct own_queue *queue;
	uint32_t cpu;

	if (!has_own_place(thread)) {
		hasten_in_common(thread);
		return;
	}
	queue = queue_lock_of(thread);
	if (thread->state == THREAD_READY && !list_empty(&thread->queue)) {
		ready_queue_remove(&queue->ready, &thread->queue, thread->priority);
		ready_queue_insert(&queue->ready, &thread->queue, 0);
	}
	thread->priority = 0;
	cpu = thread->place.cpu;
	queue_unlock(queue);
	own_place_alert(cpu, 0);
}

LOCK_FUNCTION(scheduler_hasten, hasten_own, scheduler);

static bool own_has(uint32_t priority)
{
	return ready_queue_has(&queues[cpu_number].ready, priority);
}

void own_queue_return_first(struct thread *thread)
{
	struct own_queue *queue = queue_of(thread);

	if (!has_own_place(thread)) {
		placement_return_first(thread);
		return;
	}
	queue_lock(queue);
	ready_queue_insert_front(&queue->ready, &thread->queue, thread->priority);
	queue_unlock(queue);
}

/* What has come in between makes the processor look once more. */
static void idle_begin_own(void)
{
	if (cpu_count == 1)
		return;
	container_deactivate();
	own_place_idle();
	if (glance(&queues[cpu_number].ready.in_use) || any_fresh())
		supervisor_raise(SUPERVISOR_RESCHEDULE);
}

static void idle_end_own(void)
{
	bits_clear(&placement_idle_cpus, 1u << cpu_number);
}

LOCK_FUNCTION(placement_idle_begin, idle_begin_own, scheduler);
LOCK_FUNCTION(placement_idle_end, idle_end_own, scheduler);

const struct placement_policy placement_own_queues = {
	.started = own_started,
	.discard = own_place_leave,
	.admit = own_admit,
	.run = placement_runs_already,
	.take = own_take,
	.give_back = own_give_back,
	.has = own_has,
	.home = own_place_home,
	.elsewhere = any_fresh,
};
