/*
 * The end of threads and processes, and waiting for it. Nothing dies under anyone: a process that
 * is to end is marked, each of its threads leaves the kernel by itself, where it holds nothing, and
 * the last one out takes the rest along (the answer of the follow-up to the thesis, "termination").
 */
#include <castle/abi.h>
#include <castle/errno.h>
#include "kernel/lock/domain.h"
#include "kernel/lock/lock.h"
#include "kernel/dev/power.h"
#include "kernel/lib/print.h"
#include "kernel/mem/user_copy.h"
#include "kernel/proc/process.h"
#include "kernel/proc/process_table.h"
#include "kernel/proc/thread.h"
#include "kernel/sched/scheduler.h"
#include "kernel/mem/container.h"
#include "kernel/mem/package.h"
#include "kernel/proc/signal.h"
#include "kernel/proc/signal_queue.h"
#include "kernel/proc/stop.h"

#define STATUS_INIT_ENDED 4 /* of the machine, when the first process ends */

/* With a reference; NULL: there is none. */
static struct process *child_first(struct process *process)
{
	struct process *child = NULL;

	process_lock(process);
	if (!list_empty(&process->children))
		child = process_reference(
			list_entry(process->children.next, struct process, siblings));
	process_unlock(process);
	return child;
}

/*
 * The lock of the child is held, so that it does not end meanwhile; it may have ended before, and
 * taken itself from its parent.
 */
static void child_give(struct process *child, struct process *to)
{
	struct process *from = child->parent;
	bool there;

	process_lock(from);
	there = !list_empty(&child->siblings);
	list_remove(&child->siblings);
	process_unlock(from);
	if (!there)
		return;
	process_lock(to);
	child->parent = process_reference(to);
	child->parent_group = 0;
	list_append(&to->children, &child->siblings);
	if (child->ended)
		wait_queue_wake_all(&to->changes);
	process_unlock(to);
	process_release(from);
}

/* Orphans go to init, which is told of those that have ended already. */
static void children_give_to_init(struct process *process)
{
	struct process *child;

	if (list_empty(&process->children))
		return;
	while ((child = child_first(process))) {
		process_lock(child);
		child_give(child, process_init());
		process_unlock(child);
		if (child->group != process->group)
			stop_orphaned(child->group);
		process_release(child);
	}
}

/* The parent of a process, and its lock in place of the process's own. */
static struct process *parent_lock(struct process *process)
{
	struct process *parent;

	process_lock(process);
	parent = process->parent;
	process_lock(parent);
	process_unlock(process);
	return parent;
}

/* Its last thread has left: what the process had goes, a zombie stays until the parent waits. */
static void process_finish(struct process *process)
{
	const int32_t group = process->group, pid = process->pid, status = process->status;
	struct process *parent;
	bool apart;

	process_release_resources(process);
	children_give_to_init(process);
	parent = parent_lock(process);
	apart = group != parent->group;
	process->ended = true;
	/* A parent that ignores SIGCHLD by its own wish wants no zombies (POSIX, exit()). */
	if (parent->signals_ignored & 1u << CASTLE_SIGCHLD)
		process_remove(process);
	wait_queue_wake_all(&parent->changes);
	if (PROCESS_STATUS_SIGNAL(status))
		signal_send_child(parent, pid, CASTLE_CLD_KILLED, PROCESS_STATUS_SIGNAL(status));
	else
		signal_send_child(parent, pid, CASTLE_CLD_EXITED, status >> 8);
	process_unlock(parent);
	if (apart)
		stop_orphaned(group);
}

/* The thread is no more of its process. True if that has others. Caller holds process. */
static bool thread_part(struct thread *thread)
{
	struct process *process = thread->process;
	const uint32_t signals = thread->signal_pending & thread->signal_shared;

	assert_held(process);
	thread_end(thread);
	if (process->thread_count == 0) {
		process->ending = true; /* nothing that is sent to it has effect any more */
		return false;
	}
	if (process->signal_queue)
		signal_queue_leave(process, thread);
	/* What came for the process, and this thread has not taken, others take. */
	if (signals)
		signals_send(process, signals);
	if (!list_empty(&process->changes.threads))
		wait_queue_wake_all(&process->changes);
	return true;
}

void thread_leave(struct thread *thread)
{
	struct process *process = thread->process;
	bool others;

	if (thread == current_thread)
		scheduler_stop_current();
	/* The last thread may leave on another processor, and the container go, while this one
	 * idles. */
	if (kernel_overlaps() && thread->container == active_container)
		container_deactivate();
	process_lock(process);
	others = thread_part(thread);
	process_unlock(process);
	thread_discard(thread);
	if (!others)
		process_finish(process);
}

/*
 * The first to end a process says how; init's end is the machine's. False if another one was first.
 */
static bool process_mark(struct process *process, int32_t status)
{
	if (process->ending)
		return false;
	if (process->pid == PROCESS_PID_INIT) {
		kprintf("init has ended with status %d\n", status);
		power_off(STATUS_INIT_ENDED);
	}
	process->ending = true;
	process->status = status;
	return true;
}

void process_end(struct process *process, int32_t status)
{
	struct list *node, *following;

	assert_held(process);
	if (process_mark(process, status))
		list_for_each_safe (node, following, &process->threads)
			thread_kill(list_entry(node, struct thread, siblings));
}

void thread_refuse(struct thread *thread)
{
	struct process *process = thread->process;

	process_lock(process);
	thread->state = THREAD_NEW;
	kprintf("%s[%d]: out of memory for a page directory\n", process->container->package->name,
		process->pid);
	process_end(process, PROCESS_STATUS_SIGNALLED(CASTLE_SIGKILL));
	process_unlock(process);
}

/* A thread that is alone has nobody to tell, and leaves at once. */
int32_t sys_exit(int32_t status)
{
	struct process *process = current_process();
	bool others;

	process_lock(process);
	others = process->thread_count > 1;
	status = PROCESS_STATUS_EXITED(status);
	if (others)
		process_end(process, status);
	else
		process_mark(process, status);
	process_unlock(process);
	if (others)
		return 0;
	thread_leave(current_thread);
	return CALL_BLOCKED;
}

/* By wait() for a pid; for 0, the caller's group; for -1, any child; or for another group,
 * negative. */
static bool is_waited_for(const struct process *child, int32_t pid, const struct process *parent)
{
	if (pid > 0)
		return child->pid == pid;
	return pid == -1 || child->group == (pid ? -pid : parent->group);
}

/* The child to report, or NULL; *exists tells whether there is one to wait for at all. */
static struct process *child_find(struct process *parent, int32_t pid, uint32_t options,
				  bool *exists)
{
	struct list *node;

	*exists = false;
	list_for_each (node, &parent->children) {
		struct process *child = list_entry(node, struct process, siblings);
		if (!is_waited_for(child, pid, parent))
			continue;
		*exists = true;
		if (child->ended || child->news & options)
			return child;
	}
	return NULL;
}

int32_t sys_wait(int32_t pid, uint32_t status, uint32_t options)
{
	struct process *process = current_process(), *child;
	int32_t word;
	bool exists;

	if (options & ~(CASTLE_WNOHANG | CASTLE_WUNTRACED | CASTLE_WCONTINUED) || pid == INT32_MIN)
		return -EINVAL;
	child = child_find(process, pid, options, &exists);
	if (!exists)
		return -ECHILD;
	if (!child)
		return options & CASTLE_WNOHANG ? 0 : wait_queue_block_restart(&process->changes);
	word = child->ended ? child->status : stop_status(child);
	if (status && copy_to_user(status, &word, sizeof word) != 0)
		return -EFAULT;
	pid = child->pid;
	if (!child->ended) {
		child->news = 0;
		return pid;
	}
	process->child_ticks += child->user_ticks + child->child_ticks;
	process_remove(child);
	return pid;
}
