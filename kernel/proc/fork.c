/*
 * fork: a copy of the calling thread's process.
 */
#include <castle/errno.h>
#include "arch/ia32/fpu.h"
#include "kernel/lock/lock.h"
#include "kernel/mem/container.h"
#include "kernel/proc/process.h"
#include "kernel/proc/thread.h"
#include "kernel/sched/scheduler.h"
#include "kernel/proc/signal.h"

/* The child's one thread: the caller's registers, with the result 0. */
static int fork_thread(struct process *child, struct thread **result)
{
	const struct thread *parent = current_thread;
	struct thread *thread = thread_create(child, parent->priority);

	if (!thread)
		return -ENOMEM;
	thread->frame = parent->frame;
	thread->frame.eax = 0;
	thread->tls_base = parent->tls_base;
	thread->signal_mask = parent->signal_mask;
	thread->realtime_mask = parent->realtime_mask;
	thread->signal_stack = parent->signal_stack;
	thread->signal_stack_size = parent->signal_stack_size;
	thread->stack_slot = parent->stack_slot;
	if (fpu_copy(thread) != 0)
		return -ENOMEM;
	*result = thread;
	return 0;
}

static int fork_signal_actions(struct process *child, struct process *parent)
{
	int error;

	if (!parent->actions) {
		child->signals_ignored = parent->signals_ignored;
		child->realtime_ignored = parent->realtime_ignored;
		return 0;
	}
	process_lock(parent);
	error = signal_actions_copy(child, parent);
	process_unlock(parent);
	return error;
}

int32_t sys_fork(void)
{
	struct process *parent = current_process();
	struct process *child = process_create(parent);
	struct thread *thread;
	int32_t pid;
	int error;

	if (!child)
		return -ENOMEM;
	child->cwd = process_cwd_get(parent);
	child->container = container_copy(parent->container, parent->thread_count == 1,
					  current_thread->frame.esp);
	error = child->container ? 0 : -ENOMEM;
	if (!error)
		error = file_table_copy(&child->files, &parent->files, false);
	if (!error)
		error = fork_signal_actions(child, parent);
	if (!error)
		error = fork_thread(child, &thread);
	if (error) {
		process_discard(child);
		return error;
	}
	pid = process_enter(child);
	scheduler_start(thread);
	return pid;
}
