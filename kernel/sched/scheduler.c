/*
 * Scheduling: priorities and time slices, switching, and the idle loop. Which threads a processor
 * chooses from is placement.h's to say.
 */
#include "kernel/sched/scheduler.h"

#include <castle/abi.h>
#include "arch/ia32/context.h"
#include "arch/ia32/cpu.h"
#include "kernel/measure/account.h"
#include "kernel/lock/domain.h"
#include "kernel/measure/statistics.h"
#include "kernel/interrupt/supervisor.h"
#include "kernel/debug/lock_order.h"
#include "kernel/debug/trace.h"
#include "kernel/lib/assert.h"
#include "kernel/lib/print.h"
#include "kernel/mem/container.h"
#include "kernel/mem/container_directories.h"
#include "kernel/mem/package.h"
#include "kernel/sched/placement.h"
#include "kernel/proc/process.h"
#include "kernel/sched/thread.h"

/* Long enough to make switches rare, short enough for a person at the console. */
#define SLICE_TICKS 5

CPU_LOCAL struct thread *current_thread;

struct ready_queue ready_threads GUARDED_BY(scheduler);

static CPU_LOCAL struct thread *loaded_thread; /* whose floating-point state and %gs are loaded */

void scheduler_init(void)
{
	ready_queue_init(&ready_threads);
	placement_init();
}

static inline __attribute__((always_inline)) void make_ready(struct thread *thread)
{
	thread->state = THREAD_READY;
	if (placement_ready(thread))
		return;
	ready_queue_insert(&ready_threads, &thread->queue, thread->priority);
	if (current_thread && thread->priority < current_thread->priority)
		exit_work_set(EXIT_WORK_SCHEDULE);
}

void scheduler_ready(struct thread *thread)
{
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
	assert_held(scheduler);
	placement_choose(&thread->placement);
	make_ready(thread);
}

void scheduler_remove(struct thread *thread)
{
	if (thread->state == THREAD_READY) {
		ready_queue_remove(placement_queue(&thread->placement), &thread->queue,
				   thread->priority);
	} else if (thread == current_thread) {
		current_thread = NULL;
		exit_work_set(EXIT_WORK_SCHEDULE);
	} else if (thread->state == THREAD_RUNNING) {
		placement_evict(thread);
	}
}

int scheduler_has_other(void)
{
	return placement_has(current_thread->priority);
}

void scheduler_put_back(void)
{
	struct thread *thread = current_thread;

	current_thread = NULL;
	make_ready(thread);
	exit_work_set(EXIT_WORK_SCHEDULE);
}

void scheduler_forget(const struct thread *thread)
{
	struct thread **loaded = CPU_LOCAL_OF(placement_cpu(&thread->placement), loaded_thread);

	if (*loaded == thread)
		*loaded = NULL;
}

void scheduler_unload(void)
{
	if (loaded_thread)
		context_save(loaded_thread);
	loaded_thread = NULL;
}

static inline void scheduler_activate(struct thread *thread)
{
	current_thread = thread;
	thread->state = THREAD_RUNNING;
	placement_run(&thread->placement);
	container_activate(thread->process->container);
	if (thread != loaded_thread) {
		context_load(loaded_thread, thread);
		loaded_thread = thread;
		thread->slice = SLICE_TICKS;
		if (TRACE_COUNTS(statistic_switches, SWITCH))
			patch_call(trace_record_switch, thread->tid, thread->process->container,
				   thread->process->pid);
	}
	if (thread->signal_pending & ~thread->signal_mask)
		exit_work_set(EXIT_WORK_USER_SIGNAL);
}

/* Interrupts are let in only while halted, so that none can make a thread ready unnoticed. */
static void scheduler_idle(void)
{
	interrupts_off();
	if (!supervisor_pending()) {
		account_idle_begin();
		placement_idle_begin();
		do
			cpu_wait_for_interrupt();
		while (!supervisor_pending());
		account_idle_end();
		placement_idle_end();
	}
	interrupts_on();
	supervisor_run();
}

/* There is no memory for this processor to run the thread's container with. */
__attribute__((cold, noinline)) static void scheduler_refuse(struct thread *thread)
{
	struct process *process = thread->process;

	thread->state = THREAD_NEW;
	kprintf("%s[%d]: out of memory for a page directory\n", process->container->package->name,
		process->pid);
	process_end(process, PROCESS_STATUS_SIGNALLED(CASTLE_SIGKILL));
}

void scheduler_run(void)
{
	exit_work_clear(EXIT_WORK_SCHEDULE | EXIT_WORK_USER_SIGNAL);
	for (;;) {
		struct list *next = placement_take();
		struct thread *thread;
		continuation_t continuation;

		lock_order_sleep();
		if (!next) {
			scheduler_idle();
			continue;
		}
		thread = list_entry(next, struct thread, queue);
		if (!container_prepare(thread->process->container)) {
			scheduler_refuse(thread);
			continue;
		}
		scheduler_activate(thread);
		continuation = thread->continuation;
		if (!continuation)
			return;
		thread->continuation = NULL;
		const int32_t result = continuation(thread);
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
void scheduler_yield_or_run(void)
{
	struct thread *thread = current_thread;

	if (thread && thread->slice == 0) {
		thread->slice = SLICE_TICKS;
		scheduler_put_back();
	} else if (thread) {
		current_thread = NULL;
		thread->state = THREAD_READY;
		ready_queue_insert_front(placement_queue(&thread->placement), &thread->queue,
					 thread->priority);
	}
	scheduler_run();
}

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

int32_t sys_getcpu(void)
{
	return cpu_number;
}
