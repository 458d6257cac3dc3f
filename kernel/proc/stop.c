/*
 * Stopping and continuing processes.
 *
 * A stopped process is one whose threads do not come back to user mode: each has THREAD_STOPPING
 * pending, which brings it here on its way out of the kernel, and waits here. A call that it is in
 * takes its course, since nothing ends a wait for this; so no program sees that it was stopped. As
 * soon as the signal is sent the process counts as stopped: a thread of it that runs on another
 * processor is reminded at the same time.
 */
#include "kernel/proc/stop.h"

#include <castle/errno.h>
#include "kernel/interrupt/supervisor.h"
#include "kernel/lock/lock.h"
#include "kernel/proc/group.h"
#include "kernel/proc/process.h"
#include "kernel/proc/signal.h"
#include "kernel/proc/signal_actions.h"
#include "kernel/proc/thread.h"
#include "kernel/sched/placement.h"
#include "kernel/sched/wait_queue.h"

#define STATUS_STOPPED(signal) ((signal) << 8 | 0x7f)
#define STATUS_CONTINUED       0xffff

/* SA_NOCLDSTOP, which the library puts where no signal's bit is (castle/abi.h). */
static bool wants_no_news(const struct process *parent)
{
	return parent->actions &&
	       parent->actions->action[CASTLE_SIGCHLD].mask & CASTLE_SIGNAL_NO_STOPS;
}

/*
 * What wait() is to report next: that the signal has stopped the process, or that it was continued
 * (0). A later one takes an earlier one's place.
 */
static void parent_tell(struct process *process, uint32_t signal)
{
	struct process *parent = process->parent;

	process_lock(parent);
	process->news = signal ? CASTLE_WUNTRACED : CASTLE_WCONTINUED;
	process->news_signal = signal;
	wait_queue_wake_all(&parent->changes);
	if (!wants_no_news(parent))
		signal_send_child(parent, process->pid,
				  signal ? CASTLE_CLD_STOPPED : CASTLE_CLD_CONTINUED,
				  signal ? signal : CASTLE_SIGCONT);
	process_unlock(parent);
}

int32_t stop_status(const struct process *process)
{
	assert_held(process);
	return process->news == CASTLE_WCONTINUED ? STATUS_CONTINUED
						  : STATUS_STOPPED(process->news_signal);
}

/* Those that wait in a call stay there. */
static void thread_tell_to_stop(struct thread *thread)
{
	bits_set(&thread->signal_pending, THREAD_STOPPING);
	if (thread == current_thread)
		exit_work_set(EXIT_WORK_USER_SIGNAL);
	else if (thread->state == THREAD_RUNNING)
		placement_remind(thread);
}

static void thread_continue(struct thread *thread)
{
	bits_clear(&thread->signal_pending, THREAD_STOPPING);
	if (!thread->parked)
		return;
	thread->parked = false;
	thread_wake(thread, WAKE_EVENT);
}

static void for_each_thread(struct process *process, void (*change)(struct thread *))
{
	struct list *node;

	lock_acquire(blocking, &blocking_lock);
	list_for_each (node, &process->threads)
		change(list_entry(node, struct thread, siblings));
	lock_release(blocking, &blocking_lock);
}

/*
 * Nobody is there to continue the group: no process of it has a parent outside that could. Init is
 * no such parent, since it never does.
 */
static bool has_parent_outside(const struct process *process)
{
	return !process->ended && process->parent_group && process->parent_group != process->group;
}

static bool group_is_orphaned(int32_t group)
{
	return !group_has(group, has_parent_outside);
}

void stop_process(struct process *process, uint32_t signal)
{
	assert_held(process);
	if (process->stop_signal || process->ending)
		return;
	if (signal != CASTLE_SIGSTOP && group_is_orphaned(process->group))
		return;
	process->stop_signal = signal;
	for_each_thread(process, thread_tell_to_stop);
	parent_tell(process, signal);
}

static void process_continue(struct process *process)
{
	if (!process->stop_signal)
		return;
	process->stop_signal = 0;
	for_each_thread(process, thread_continue);
	parent_tell(process, 0);
}

/* Those that were sent to the process, or to one of its threads. */
static void signals_forget(struct process *process, uint32_t signals)
{
	struct list *node;

	process->signals_pending &= ~signals;
	list_for_each (node, &process->threads) {
		struct thread *thread = list_entry(node, struct thread, siblings);
		bits_clear(&thread->signal_pending, signals);
		thread->signal_shared &= ~signals;
	}
}

void stop_signal_sent(struct process *process, uint32_t signal)
{
	assert_held(process);
	if (signal == CASTLE_SIGCONT) {
		signals_forget(process, STOP_SIGNALS);
		process_continue(process);
	} else {
		signals_forget(process, 1u << CASTLE_SIGCONT);
	}
}

/*
 * Whatever signals it has, the thread waits: its mask lets none through until it does. After that
 * one may wake it, but leads it here again. It has no continuation: its registers are as it is to
 * go on with.
 */
void stop_thread(void)
{
	struct thread *thread = current_thread;
	const uint32_t mask = thread->signal_mask;

	assert_held(process);
	thread->parked = true;
	thread->signal_mask = UINT32_MAX;
	wait_queue_block(NULL, NULL);
	thread->signal_mask = mask;
}

bool stop_signal_counts(uint32_t signal)
{
	const uint32_t bit = 1u << signal;

	assert_held(tasks);
	return !((current_thread->signal_mask | current_process()->signals_ignored) & bit);
}

/*
 * Waits to be continued. If the process is not stopped, another thread has taken the signal, or it
 * was continued in between: then the call starts over after a tick.
 */
static int32_t wait_in_background(struct process *process)
{
	struct thread *thread = current_thread;
	int32_t result;

	assert_held(process);
	if (!process->stop_signal)
		return wait_queue_block_restart_for(NULL, 1);
	result = wait_queue_block_restart(NULL);
	thread->parked |= result == CALL_BLOCKED;
	return result;
}

int32_t stop_in_background(uint32_t signal)
{
	struct process *process = current_process();
	int32_t result;

	assert_held(tasks);
	if (!stop_signal_counts(signal) || group_is_orphaned(process->group))
		return -EIO;
	/* One that is stopped while it is in the call has come here when the terminal had input. */
	if (!process->stop_signal)
		group_signal(process->group, signal);
	process_lock(process);
	result = wait_in_background(process);
	process_unlock(process);
	return result;
}

static bool has_stopped(const struct process *process)
{
	return process->stop_signal && !process->ending;
}

void stop_orphaned(int32_t group)
{
	tasks_enter();
	if (group_is_orphaned(group) && group_has(group, has_stopped)) {
		group_signal(group, CASTLE_SIGHUP);
		group_signal(group, CASTLE_SIGCONT);
	}
	tasks_leave();
}
