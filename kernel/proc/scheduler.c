/*
 * Scheduling on one processor: a common ready queue with priorities and time slices, and the idle
 * loop (design: Kernel execution).
 */
#include "kernel/proc/scheduler.h"

#include "arch/ia32/context.h"
#include "arch/ia32/cpu.h"
#include "kernel/core/account.h"
#include "kernel/core/supervisor.h"
#include "kernel/lib/assert.h"
#include "kernel/mem/container.h"
#include "kernel/proc/process.h"
#include "kernel/proc/ready_queue.h"
#include "kernel/proc/thread.h"

/* Long enough to make switches rare, short enough for a person at the console. */
#define SLICE_TICKS 5

CPU_LOCAL struct thread *current_thread;

static struct ready_queue ready;
static CPU_LOCAL struct thread *loaded_thread; /* whose floating-point state and %gs are loaded */
static CPU_LOCAL uint32_t switches, idle_ticks;

void scheduler_init(void)
{
	ready_queue_init(&ready);
}

void scheduler_ready(struct thread *thread)
{
	thread->state = THREAD_READY;
	ready_queue_insert(&ready, &thread->queue, thread->priority);
	if (current_thread && thread->priority < current_thread->priority)
		exit_work_set(EXIT_WORK_SCHEDULE);
}

void scheduler_remove(struct thread *thread)
{
	if (thread->state == THREAD_READY)
		ready_queue_remove(&ready, &thread->queue, thread->priority);
	if (thread == current_thread) {
		current_thread = NULL;
		exit_work_set(EXIT_WORK_SCHEDULE);
	}
}

int scheduler_has_other(void)
{
	return ready_queue_has(&ready, current_thread->priority);
}

void scheduler_put_back(void)
{
	struct thread *thread = current_thread;

	current_thread = NULL;
	scheduler_ready(thread);
	exit_work_set(EXIT_WORK_SCHEDULE);
}

void scheduler_forget(const struct thread *thread)
{
	if (loaded_thread == thread)
		loaded_thread = NULL;
}

static void scheduler_activate(struct thread *thread)
{
	current_thread = thread;
	thread->state = THREAD_RUNNING;
	container_activate(thread->process->container);
	if (thread != loaded_thread) {
		context_load(loaded_thread, thread);
		loaded_thread = thread;
		thread->slice = SLICE_TICKS;
		switches++;
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
		cpu_wait_for_interrupt();
		account_idle_end();
	}
	interrupts_on();
	supervisor_run();
}

void scheduler_run(void)
{
	exit_work_clear(EXIT_WORK_SCHEDULE | EXIT_WORK_USER_SIGNAL);
	for (;;) {
		struct list *next = ready_queue_take(&ready);
		struct thread *thread;
		continuation_t continuation;

		if (!next) {
			scheduler_idle();
			continue;
		}
		thread = list_entry(next, struct thread, queue);
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

/* A thread that used its slice up goes to the end of its priority; one that made way stays first.
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
		ready_queue_insert_front(&ready, &thread->queue, thread->priority);
	}
	scheduler_run();
}

void scheduler_tick(void)
{
	struct thread *thread = current_thread;

	if (!thread) {
		idle_ticks++;
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
	return 0;
}

uint32_t scheduler_switches(void)
{
	return switches;
}

uint32_t scheduler_idle_ticks(void)
{
	return idle_ticks;
}
