/*
 * Placement with a ready queue for each processor, and a lock for each queue (fine-grained locking,
 * Section 2.3.3). A thread is given a processor when it starts: an idle one, or the one with the
 * fewest threads, this one before others. There it stays; but a processor that has nothing to do
 * takes over threads that have not run yet.
 *
 * A thread that is taken runs from then on: its state and its processor change with the queue, so
 * that whoever looks for it, to tell it of a signal, finds it either in a queue or on the processor
 * that looks next. Idle processors say so before they look at their queue once more, and whoever
 * puts a thread into a queue looks for idle processors after that: one of the two sees the other.
 */
#include "kernel/smp/own_queues.h"

#include "arch/ia32/cpu.h"
#include "arch/ia32/smp/apic.h"
#include "kernel/debug/trace.h"
#include "kernel/lock/lock.h"
#include "kernel/measure/statistics.h"
#include "kernel/mem/container.h"
#include "kernel/sched/scheduler.h"

struct own_queue {
	struct ready_queue ready; /* first, since a thread's place names it */
	struct lock lock;
	int32_t bound;  /* threads that stay here, ready or not */
	uint32_t fresh; /* of those that are ready, the ones that have not run yet */
} __attribute__((aligned(64)));

static struct own_queue queues[CASTLE_CPUS_MAX] UNGUARDED("each has a lock in it");

static inline struct own_queue *queue_of(const struct thread *thread)
{
	return (struct own_queue *)thread->place.queue;
}

static inline bool has_queue(const struct thread *thread)
{
	return thread->place.queue != &ready_threads;
}

static inline void queue_lock(struct own_queue *queue)
{
	lock_take(&queue->lock, LOCK_DOMAIN_scheduler);
}

static inline void queue_unlock(struct own_queue *queue)
{
	lock_give(&queue->lock, LOCK_DOMAIN_scheduler);
}

/*
 * A look at a queue without its lock, before it is worth taking, or at who is idle: whoever puts a
 * thread in after that looks for idle processors, and those look at their queue again.
 */
static inline uint32_t glance(const uint32_t *number)
{
	return __atomic_load_n(number, __ATOMIC_RELAXED);
}

static void own_started(void)
{
	for (uint32_t cpu = 0; cpu < cpu_count; cpu++)
		ready_queue_init(&queues[cpu].ready);
}

static void own_discard(struct thread *thread)
{
	if (has_queue(thread))
		reference_drop(&queue_of(thread)->bound);
}

static void stay_on(struct thread *thread, uint32_t cpu)
{
	thread->place.cpu = cpu;
	thread->place.queue = &queues[cpu].ready;
	reference_take(&queues[cpu].bound);
}

/* At this moment; it may be another number before it is used. */
static inline int32_t bound_to(uint32_t cpu)
{
	return __atomic_load_n(&queues[cpu].bound, __ATOMIC_RELAXED);
}

/* Of these processors, a bit each, the one with the fewest threads; this one before others. */
static uint32_t fewest_threads(uint32_t cpus)
{
	uint32_t best = cpus & 1u << cpu_number ? cpu_number : (uint32_t)__builtin_ctz(cpus);

	for (; cpus; cpus &= cpus - 1) {
		const uint32_t cpu = __builtin_ctz(cpus);
		if (bound_to(cpu) < bound_to(best))
			best = cpu;
	}
	return best;
}

static void own_admit(struct thread *thread)
{
	const uint32_t idle = glance(&placement_idle_cpus);

	stay_on(thread, fewest_threads(idle ? idle : UINT32_MAX >> (32 - cpu_count)));
	thread->place.fresh = true;
	if (thread_is_dying(thread))
		thread->priority = 0;
}

/* Done when it was taken. */
static void own_run(struct thread *thread)
{
	(void)thread;
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
		own_discard(thread);
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
	struct own_queue *queue = &queues[cpu_number];
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

/*
 * What runs there may end meanwhile, and its memory be something else: then the processor is told
 * for nothing, or looks by itself, since it takes another thread.
 */
static uint32_t running_priority(uint32_t cpu)
{
	const struct thread *current = *CPU_LOCAL_OF(cpu, current_thread);

	return current ? current->priority : 0;
}

/* A thread of this priority has been put into the queue of the processor. */
static inline void alert(uint32_t cpu, uint32_t priority)
{
	if (cpu != cpu_number) {
		if (glance(&placement_idle_cpus) & 1u << cpu || priority < running_priority(cpu))
			placement_tell(cpu);
	} else if (current_thread && priority < current_thread->priority) {
		exit_work_set(EXIT_WORK_SCHEDULE);
	}
}

/* Once it is in the queue it may run elsewhere, and end. */
static void own_give_back(struct thread *thread)
{
	struct own_queue *queue;
	uint32_t cpu, priority;

	if (!has_queue(thread))
		stay_on(thread, cpu_number);
	queue = queue_of(thread);
	cpu = thread->place.cpu;
	queue_lock(queue);
	priority = thread->priority;
	queue->fresh += thread->place.fresh;
	ready_queue_insert(&queue->ready, &thread->queue, priority);
	queue_unlock(queue);
	alert(cpu, priority);
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

	if (!has_queue(thread)) {
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
	alert(cpu, 0);
}

LOCK_FUNCTION(scheduler_hasten, hasten_own, scheduler);

static bool own_has(uint32_t priority)
{
	return ready_queue_has(&queues[cpu_number].ready, priority);
}

static int32_t own_home(const struct thread *thread)
{
	return has_queue(thread) ? (int32_t)thread->place.cpu : -1;
}

void own_queue_return_first(struct thread *thread)
{
	struct own_queue *queue = queue_of(thread);

	if (!has_queue(thread)) {
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
	bits_set(&placement_idle_cpus, 1u << cpu_number);
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
	.discard = own_discard,
	.admit = own_admit,
	.run = own_run,
	.take = own_take,
	.give_back = own_give_back,
	.has = own_has,
	.home = own_home,
};
