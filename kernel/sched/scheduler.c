/*
 * Scheduling: priorities and time slices, switching, and the idle loop. Which threads a processor
 * chooses from is placement.h's to say.
 */
#include "kernel/sched/scheduler.h"

#include "arch/ia32/context.h"
#include "arch/ia32/cpu.h"
#include "kernel/measure/account.h"
#include "kernel/lock/domain.h"
#include "kernel/lock/lock.h"
#include "kernel/measure/statistics.h"
#include "kernel/debug/lock_order.h"
#include "kernel/debug/trace.h"
#include "kernel/mem/container.h"
#include "kernel/mem/container_directories.h"

#ifdef CASTLE_SMP
#include "kernel/smp/lockfree_queues.h"
#include "kernel/smp/own_queues.h"
#endif

/* Long enough to make switches rare, short enough for a person at the console. */
#define SLICE_TICKS 5

CPU_LOCAL struct thread *current_thread;

struct ready_queue ready_threads GUARDED_BY(scheduler);

static CPU_LOCAL struct thread *loaded_thread; /* whose floating-point state and %gs are loaded */

void scheduler_init(void)
{
	ready_queue_init(&ready_threads);
	placement_init();
	supervisor_register(SUPERVISOR_TIMER, scheduler_tick);
}

static inline __attribute__((always_inline)) void make_ready(struct thread *thread)
{
	thread->state = THREAD_READY;
	placement_return(thread);
}

void scheduler_ready(struct thread *thread)
{
	assert_held(scheduler);
	statistic_wakes++;
	make_ready(thread);
}

static void scheduler_ready_traced(struct thread *thread)
{
	statistic_wakes++;
	trace_record(TRACE_WAKE, thread->tid, current_thread ? current_thread->tid : 0);
	make_ready(thread);
}

TRACE_FUNCTION(scheduler_ready, scheduler_ready_traced, WAKE);

void scheduler_start(struct thread *thread)
{
	lock_acquire(blocking, &blocking_lock);
	placement_admit(thread);
	make_ready(thread);
	lock_release(blocking, &blocking_lock);
}

LOCK_REPLACED void scheduler_hasten(struct thread *thread)
{
	assert_held(scheduler);
	if (thread->state != THREAD_READY) {
		thread->priority = 0;
		return;
	}
	placement_withdraw(thread);
	thread->priority = 0;
	placement_return(thread);
}

/*
 * Saves the loaded context for another processor to load; which may also end the thread, and its
 * container with it, if processors run the kernel at once.
 */
__attribute__((cold, noinline)) static void context_unload(void)
{
	if (loaded_thread)
		context_save(loaded_thread);
	loaded_thread = NULL;
	if (kernel_overlaps())
		container_deactivate();
}

static inline __attribute__((always_inline)) void stop_current(void)
{
	if (placement_threads_move())
		context_unload();
	current_thread = NULL;
	exit_work_set(EXIT_WORK_SCHEDULE);
}

void scheduler_stop_current(void)
{
	stop_current();
}

static inline __attribute__((always_inline)) void put_back(void)
{
	struct thread *thread = current_thread;

	assert_held(scheduler);
	stop_current();
	thread->state = THREAD_READY;
	placement_return_last(thread);
}

LOCK_REPLACED void scheduler_put_back(void)
{
	put_back();
}

void scheduler_step_back(struct thread *thread)
{
	assert_held(scheduler);
	if (thread == current_thread) {
		thread->slice = 0;
		exit_work_set(EXIT_WORK_SCHEDULE);
	} else if (thread->state == THREAD_READY) {
		placement_withdraw(thread);
		placement_return(thread);
	}
}

void scheduler_forget(const struct thread *thread)
{
	if (loaded_thread == thread)
		loaded_thread = NULL;
}

static inline void scheduler_activate(struct thread *thread)
{
	current_thread = thread;
	thread->state = THREAD_RUNNING;
	placement_run(thread);
	container_activate(thread->container);
	if (thread != loaded_thread) {
		context_load(loaded_thread, thread);
		loaded_thread = thread;
		thread->slice = SLICE_TICKS;
		if (TRACE_COUNTS(statistic_switches, SWITCH))
			patch_call(trace_record_switch, thread->tid, thread->container,
				   thread->process);
	}
}

/*
 * Interrupts are let in only while halted, or while placement_idle_begin() waits for a lock, and
 * looked for then, so that none can make a thread ready unnoticed.
 */
static void scheduler_idle(void)
{
	interrupts_off();
	if (!supervisor_pending()) {
		account_idle_begin();
		placement_idle_begin();
		while (!supervisor_pending())
			cpu_wait_for_interrupt();
		account_idle_end();
		placement_idle_end();
	}
	interrupts_on();
	supervisor_run();
}

/* A thread that does not run again leaves: it is to end, or there is no memory to run it with. */
__attribute__((cold, noinline)) static void thread_depart(struct thread *thread, bool dying)
{
	if (!dying)
		thread_refuse(thread);
	thread_leave(thread);
}

/*
 * Takes threads until there is one that can run, and makes it the current one. One that is to end
 * ends here: it needs neither its address space nor its continuation for that.
 */
static inline __attribute__((always_inline)) struct thread *scheduler_next(void)
{
	for (;;) {
		struct thread *thread = placement_take();

		lock_order_sleep();
		if (!thread) {
			scheduler_idle();
			continue;
		}
		if (thread_deliverable(thread)) {
			if (thread_is_dying(thread)) {
				thread_depart(thread, true);
				continue;
			}
			exit_work_set(EXIT_WORK_USER_SIGNAL);
		}
		if (container_prepare(thread->container)) {
			scheduler_activate(thread);
			return thread;
		}
		thread_depart(thread, false);
	}
}

void scheduler_run(void)
{
	exit_work_clear(EXIT_WORK_SCHEDULE | EXIT_WORK_USER_SIGNAL);
	for (;;) {
		struct thread *thread = scheduler_next();
		const continuation_t continuation = thread->continuation;
		int32_t result;

		if (!continuation)
			return;
		thread->continuation = NULL;
		result = continuation(thread);
		if (result != CALL_BLOCKED) {
			thread->frame.eax = result;
			return;
		}
		exit_work_clear(EXIT_WORK_SCHEDULE | EXIT_WORK_USER_SIGNAL);
	}
}

/*
 * A thread that used its slice up goes to the end of its priority; one that made way stays first.
 */
static inline __attribute__((always_inline)) void make_way(void (*return_first)(struct thread *))
{
	struct thread *thread = current_thread;

	if (thread->slice == 0) {
		thread->slice = SLICE_TICKS;
		put_back();
	} else {
		stop_current();
		thread->state = THREAD_READY;
		return_first(thread);
	}
}

LOCK_REPLACED void scheduler_make_way(void)
{
	make_way(placement_return_first);
	scheduler_run();
}

#ifdef CASTLE_SMP
static void put_back_locked(void)
{
	lock_take(&blocking_lock, LOCK_DOMAIN_blocking);
	put_back();
	lock_give(&blocking_lock, LOCK_DOMAIN_blocking);
}

static void make_way_locked(void)
{
	lock_take(&blocking_lock, LOCK_DOMAIN_blocking);
	make_way(placement_return_first);
	lock_give(&blocking_lock, LOCK_DOMAIN_blocking);
	scheduler_run();
}

/* Where ready queues have locks of their own they are taken with the thread in hand. */
static void make_way_own(void)
{
	make_way(own_queue_return_first);
	scheduler_run();
}

static void make_way_lockfree(void)
{
	make_way(lockfree_queue_return_first);
	scheduler_run();
}

LOCK_FUNCTION(scheduler_make_way, make_way_own, scheduler);
LOCK_FREE_FUNCTION(scheduler_make_way, make_way_lockfree);
LOCK_FUNCTION(scheduler_put_back, put_back_locked, blocking);
LOCK_FUNCTION(scheduler_make_way, make_way_locked, blocking);
#endif

void scheduler_tick(void)
{
	struct thread *thread = current_thread;

	if (!thread) {
		statistic_idle_ticks++;
		return;
	}
	thread->user_ticks++;
	if (thread->slice > 0 && --thread->slice > 0)
		return;
	if (scheduler_has_other())
		exit_work_set(EXIT_WORK_SCHEDULE);
	else
		thread->slice = SLICE_TICKS;
}
