/*
 * Placement with a ready queue for each processor, and no lock (lock-free kernels, Section 2.3.4).
 * Which processor a thread belongs to is as in kernel/smp/own_queues.c; what is different is how it
 * gets there:
 *
 * - The queue itself, with its priorities, is the processor's alone.
 * - Other processors put threads that they make ready into its inbox, a list that they push to and
 *   that the processor takes whole, by one exchange each.
 * - Threads that have not run yet wait in a ring, from which idle processors take them, too.
 *
 * A thread that is taken runs from then on, and says so in its state by an exchange before the
 * processor looks for its signals: who sends one makes it pending first, and looks at the state
 * then, so that one of the two sees the other. Who idles, and who puts a thread in, are told apart
 * in the same way, by the bit in placement_idle_cpus.
 *
 * A thread that is to end goes before all others. It may lie in a queue that only its processor
 * touches: that is told, and puts it first itself.
 */
#include "kernel/smp/lockfree_queues.h"

#include "kernel/lock/lock.h"
#include "kernel/mem/container.h"
#include "kernel/sched/scheduler.h"
#include "kernel/smp/own_place.h"
#include "kernel/smp/ring.h"

struct lockfree_queue {
	struct ready_queue
		ready;   /* its processor's alone; first, since a thread's place names it */
	bool fresh_next; /* of two of equal priority, the one that has not run yet */
	struct list *inbox __attribute__((aligned(64))); /* linked by `next`, the newest first */
	bool hurried; /* in the queue are threads that are to end */
	struct ring fresh;
} __attribute__((aligned(64)));

static struct lockfree_queue queues[CASTLE_CPUS_MAX] UNGUARDED("compare-and-swap, or one writes");

static inline struct lockfree_queue *queue_of(const struct thread *thread)
{
	return (struct lockfree_queue *)thread->place.queue;
}

/* Computed once: the compiler would do so each time that it is used. */
static inline struct lockfree_queue *own_queue(void)
{
	struct lockfree_queue *queue = &queues[cpu_number];

	asm("" : "+r"(queue));
	return queue;
}

static inline struct thread *thread_at(struct list *node)
{
	return list_entry(node, struct thread, queue);
}

static void queues_started(void)
{
	for (uint32_t cpu = 0; cpu < cpu_count; cpu++)
		ready_queue_init(&queues[cpu].ready);
}

static void stay_on(struct thread *thread, uint32_t cpu)
{
	own_place_stay(thread, cpu, &queues[cpu].ready);
}

/* Into this processor's own queue. */
static inline void insert(struct lockfree_queue *queue, struct thread *thread)
{
	if (thread_is_dying(thread))
		thread->priority = 0;
	ready_queue_insert(&queue->ready, &thread->queue, thread->priority);
}

/* Whoever reads the inbox after that sees the thread. */
static void post(struct lockfree_queue *queue, struct thread *thread)
{
	struct list *newest = __atomic_load_n(&queue->inbox, __ATOMIC_RELAXED);

	do {
		thread->queue.next = newest;
	} while (!__atomic_compare_exchange_n(&queue->inbox, &newest, &thread->queue, true,
					      __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
}

/* What the inbox held, the oldest first. */
static struct list *inbox_take(struct lockfree_queue *queue)
{
	struct list *newest = __atomic_exchange_n(&queue->inbox, NULL, __ATOMIC_ACQUIRE);
	struct list *oldest = NULL;

	while (newest) {
		struct list *before = newest->next;
		newest->next = oldest;
		oldest = newest;
		newest = before;
	}
	return oldest;
}

__attribute__((noinline)) static void inbox_empty(struct lockfree_queue *queue)
{
	struct list *next;

	for (struct list *node = inbox_take(queue); node; node = next) {
		next = node->next;
		insert(queue, thread_at(node));
	}
}

/* Of one priority, those that are to end. */
static void hurry_list(struct lockfree_queue *queue, uint32_t priority)
{
	struct list *node, *following;

	list_for_each_safe (node, following, &queue->ready.threads[priority]) {
		if (!thread_is_dying(thread_at(node)))
			continue;
		ready_queue_remove(&queue->ready, node, priority);
		insert(queue, thread_at(node));
	}
}

/* Of those that have not run yet: they go into the queue; the others keep their order. */
static void hurry_fresh(struct lockfree_queue *queue)
{
	struct ring_place place;

	for (uint32_t left = ring_count(&queue->fresh); left; left--) {
		struct thread *thread;

		if (!ring_look(&queue->fresh, &place))
			return;
		if (!ring_take(&queue->fresh, &place))
			continue;
		thread = (struct thread *)place.slot.word;
		if (!thread_is_dying(thread) && ring_append(&queue->fresh, (uint32_t)thread))
			continue;
		thread->place.fresh = false;
		insert(queue, thread);
	}
}

/* The mark goes first: who is to end after the look has set it again. */
__attribute__((cold, noinline)) static void hurry_all(struct lockfree_queue *queue)
{
	(void)__atomic_exchange_n(&queue->hurried, false, __ATOMIC_SEQ_CST);
	hurry_fresh(queue);
	for (uint32_t left = queue->ready.in_use & ~1u; left; left &= left - 1)
		hurry_list(queue, __builtin_ctz(left));
}

/* Among the threads of the processor is one that is to end. */
static void hurry(uint32_t cpu)
{
	(void)__atomic_exchange_n(&queues[cpu].hurried, true, __ATOMIC_SEQ_CST);
	own_place_alert(cpu, 0);
}

/* Brings this processor's queue up to date with what others have had to say. */
static inline void queue_update(struct lockfree_queue *queue)
{
	if (__atomic_load_n(&queue->inbox, __ATOMIC_RELAXED))
		inbox_empty(queue);
	if (__atomic_load_n(&queue->hurried, __ATOMIC_RELAXED))
		hurry_all(queue);
}

/* It runs on this processor from now on. An exchange, since signals are looked for after it. */
static inline void runs_now(struct thread *thread)
{
	thread->place.fresh = false;
	(void)__atomic_exchange_n(&thread->state, THREAD_RUNNING, __ATOMIC_SEQ_CST);
}

/* The oldest of a processor that has not run yet, which belongs to this one now; or NULL. */
static struct thread *fresh_take(struct lockfree_queue *queue)
{
	struct ring_place place;
	struct thread *thread;

	do {
		if (!ring_look(&queue->fresh, &place))
			return NULL;
	} while (!ring_take(&queue->fresh, &place));
	thread = (struct thread *)place.slot.word;
	if (queue != own_queue()) {
		own_place_leave(thread);
		stay_on(thread, cpu_number);
	}
	runs_now(thread);
	return thread;
}

static bool any_fresh(void)
{
	for (uint32_t cpu = 0; cpu < cpu_count; cpu++)
		if (!ring_is_empty(&queues[cpu].fresh))
			return true;
	return false;
}

__attribute__((noinline)) static struct thread *steal(void)
{
	for (uint32_t cpu = 0; cpu < cpu_count; cpu++) {
		struct thread *thread = fresh_take(&queues[cpu]);
		if (thread)
			return thread;
	}
	return NULL;
}

/*
 * Whether the oldest thread that has not run yet comes before those in the queue. Another processor
 * may take it meanwhile, and what is read be of something else: then this one looks again, or takes
 * another.
 */
static bool fresh_is_first(struct lockfree_queue *queue)
{
	struct ring_place place;
	uint32_t priority;

	if (!ring_look(&queue->fresh, &place))
		return false;
	if (!queue->ready.in_use)
		return true;
	priority = glance(&((const struct thread *)place.slot.word)->priority);
	if (priority != (uint32_t)__builtin_ctz(queue->ready.in_use))
		return priority < (uint32_t)__builtin_ctz(queue->ready.in_use);
	queue->fresh_next = !queue->fresh_next;
	return queue->fresh_next;
}

static struct thread *queue_take(struct lockfree_queue *queue)
{
	struct list *node = ready_queue_take(&queue->ready);

	if (!node)
		return NULL;
	runs_now(thread_at(node));
	return thread_at(node);
}

static struct thread *thread_take(void)
{
	struct lockfree_queue *queue = own_queue();
	struct thread *thread = NULL;

	queue_update(queue);
	if (!ring_is_empty(&queue->fresh) && fresh_is_first(queue))
		thread = fresh_take(queue);
	if (!thread)
		thread = queue_take(queue);
	return thread ? thread : steal();
}

static void thread_admit(struct thread *thread)
{
	struct lockfree_queue *queue = own_queue();
	const bool others_wait = queue->ready.in_use || !ring_is_empty(&queue->fresh);

	stay_on(thread, own_place_best(others_wait));
	thread->place.fresh = true;
	if (thread_is_dying(thread))
		thread->priority = 0;
}

/*
 * Where all processors look; if there is room. Its end may have been asked for, and looked for
 * there, before it was in; it may have come, too, and its memory be something else: then the
 * processor looks for nothing.
 */
static bool offer(struct lockfree_queue *queue, struct thread *thread)
{
	const uint32_t cpu = thread->place.cpu;

	if (!thread->place.fresh || !ring_append(&queue->fresh, (uint32_t)thread))
		return false;
	if (glance(&thread->signal_pending) & THREAD_DYING)
		hurry(cpu);
	return true;
}

/* Once it is in the queue it may run elsewhere, and end. */
static void thread_give_back(struct thread *thread)
{
	uint32_t cpu, priority;

	if (!has_own_place(thread))
		stay_on(thread, cpu_number);
	cpu = thread->place.cpu;
	priority = thread_is_dying(thread) ? 0 : thread->priority;
	if (!offer(queue_of(thread), thread)) {
		thread->place.fresh = false;
		if (cpu == cpu_number)
			insert(queue_of(thread), thread);
		else
			post(queue_of(thread), thread);
	}
	own_place_alert(cpu, priority);
}

static void thread_hasten(struct thread *thread)
{
	if (has_own_place(thread))
		hurry(thread->place.cpu);
}

LOCK_FREE_FUNCTION(scheduler_hasten, thread_hasten);

static bool queue_has(uint32_t priority)
{
	struct lockfree_queue *queue = own_queue();
	struct ring_place place;

	queue_update(queue);
	return ready_queue_has(&queue->ready, priority) ||
	       (ring_look(&queue->fresh, &place) &&
		glance(&((const struct thread *)place.slot.word)->priority) <= priority);
}

void lockfree_queue_return_first(struct thread *thread)
{
	if (has_own_place(thread))
		ready_queue_insert_front(&own_queue()->ready, &thread->queue, thread->priority);
	else
		placement_return_first(thread);
}

/* What has come in between makes the processor look once more. */
static void idle_begin(void)
{
	if (cpu_count == 1)
		return;
	container_deactivate();
	own_place_idle();
	if (__atomic_load_n(&own_queue()->inbox, __ATOMIC_RELAXED) || any_fresh())
		supervisor_raise(SUPERVISOR_RESCHEDULE);
}

static void idle_end(void)
{
	bits_clear(&placement_idle_cpus, 1u << cpu_number);
}

LOCK_FREE_FUNCTION(placement_idle_begin, idle_begin);
LOCK_FREE_FUNCTION(placement_idle_end, idle_end);

const struct placement_policy placement_lockfree_queues = {
	.started = queues_started,
	.discard = own_place_leave,
	.admit = thread_admit,
	.run = placement_runs_already,
	.take = thread_take,
	.give_back = thread_give_back,
	.has = queue_has,
	.home = own_place_home,
	.elsewhere = any_fresh,
};
