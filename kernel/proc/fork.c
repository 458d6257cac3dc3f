/*
 * fork: a copy of the calling thread's process. All pages are copied at once: sharing them until
 * they are written would take mappings away from a running container, and nothing is unmapped while
 * a container runs (design: Address space).
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
	thread->stack_slot = parent->stack_slot;
	if (fpu_copy(thread) != 0)
		return -ENOMEM;
	*result = thread;
	return 0;
}

static int fork_signal_actions(struct process *child, const struct process *parent)
{
	int error;

	kernel_enter();
	error = signal_actions_copy(child, parent);
	kernel_leave();
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
	child->container = container_copy(parent->container);
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
