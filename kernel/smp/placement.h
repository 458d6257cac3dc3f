/*
 * Placement of threads on several processors: what a policy is asked, and what all policies share
 * (kernel/smp/placement.c). The policies are kernel/smp/affinity.c and kernel/smp/common_queue.c.
 *
 * Included by kernel/sched/placement.h, which says what these functions are for.
 * Contract of all functions here: caller holds scheduler.
 */
#ifndef KERNEL_SMP_PLACEMENT_H
#define KERNEL_SMP_PLACEMENT_H

#include "arch/ia32/cpulocal.h"

/* Asked where there is more than one processor; with one, the common queue is all there is. */
struct placement_policy {
	bool threads_move;     /* what placement_threads_move() says */
	void (*started)(void); /* all processors run now; none has taken a thread yet */
	void (*discard)(struct thread *thread);
	void (*admit)(struct thread *thread);
	void (*run)(struct thread *thread);
	struct thread *(*take)(void);
	void (*give_back)(struct thread *thread); /* placement_return() */
	bool (*has)(uint32_t priority);
	int32_t (*home)(const struct thread *thread);
	bool (*elsewhere)(void); /* first level: threads wait that this processor, idle, may take;
				    NULL: it would have been told */
	/*
	 * A container is about to be freed, which idle processors may still be in: they leave it.
	 * NULL: none is in any. Holding nothing.
	 */
	void (*forget)(const struct container *container);
};

extern const struct placement_policy placement_affinity, placement_common_queue;

/* The one that is in force, here and not behind a pointer, so that asking it is one instruction. */
extern struct placement_policy placement_policy;

/* The policy that the command line asks for: affinity=on or off. At boot. */
const struct placement_policy *placement_asked_for(void);

/* Puts the organisation's policy in force. At boot. */
void placement_init(void);

/* All processors have been started. At boot. */
void placement_started(void);

/* On a further processor: waits without the lock until there is something to do, then takes it.
 * Caller holds nothing. */
void placement_await_work(void);

void placement_remind(const struct thread *thread);

/* Gives up the lock that is taken at the door, if one is. Caller holds nothing (but that). */
void placement_idle_begin(void);

/* Takes what placement_idle_begin() gave up. Caller holds nothing. */
void placement_idle_end(void);

/* For policies. */

/* Processors that wait for work, a bit each. */
extern uint32_t placement_idle_cpus;

/* Those that run threads: all, unless the policy leaves some out when they have been started. */
extern uint32_t placement_thread_cpus;

/*
 * Has another processor look for a thread to run, and for signals; it does not idle any more. Any
 * context, not at first level.
 */
void placement_tell(uint32_t cpu);

/* As `run`: nothing, where a thread's state and processor change as it is taken. Any context. */
void placement_runs_already(struct thread *thread);

/* A thread has been put into a queue, for processor `cpu` to see to: has it look, if need be. */
void placement_alert(const struct thread *thread, uint32_t cpu);

/*
 * The processor that runs the thread of the lowest priority, or none; this one if others are equal.
 */
uint32_t placement_least_busy(void);

/* Any context (nobody else knows the thread). */
static inline void placement_create(struct thread *thread)
{
	thread->place.queue = &ready_threads;
}

static inline void placement_discard(struct thread *thread)
{
	if (several_processors())
		placement_policy.discard(thread);
}

static inline void placement_admit(struct thread *thread)
{
	if (several_processors())
		placement_policy.admit(thread);
}

static inline void placement_run(struct thread *thread)
{
	if (several_processors())
		placement_policy.run(thread);
}

static inline int32_t placement_home(const struct thread *thread)
{
	return several_processors() ? placement_policy.home(thread) : 0;
}

static inline bool placement_threads_move(void)
{
	return several_processors() && placement_policy.threads_move;
}

static inline struct thread *placement_take(void)
{
	return several_processors() ? placement_policy.take() : placement_common_take();
}

static inline void placement_return(struct thread *thread)
{
	assert_held(scheduler);
	if (several_processors())
		placement_policy.give_back(thread);
	else
		placement_common_return(thread);
}

static inline void placement_return_last(struct thread *thread)
{
	assert_held(scheduler);
	if (several_processors())
		placement_policy.give_back(thread);
	else
		ready_queue_insert(&ready_threads, &thread->queue, thread->priority);
}

static inline void placement_return_first(struct thread *thread)
{
	ready_queue_insert_front(thread->place.queue, &thread->queue, thread->priority);
}

static inline void placement_withdraw(struct thread *thread)
{
	ready_queue_remove(thread->place.queue, &thread->queue, thread->priority);
}

static inline bool placement_has(uint32_t priority)
{
	return several_processors() ? placement_policy.has(priority)
				    : ready_queue_has(&ready_threads, priority);
}

#endif
