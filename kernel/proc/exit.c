/*
 * The end of a process, and waiting for it.
 */
#include <castle/abi.h>
#include <castle/errno.h>
#include "kernel/lock/domain.h"
#include "kernel/dev/power.h"
#include "kernel/lib/print.h"
#include "kernel/mem/user_copy.h"
#include "kernel/proc/process.h"
#include "kernel/proc/process_table.h"
#include "kernel/proc/signal.h"

#define STATUS_INIT_ENDED 4 /* of the machine, when the first process ends */

/* Orphans go to init, which is told of those that have ended already. */
static void children_give_to_init(struct process *process)
{
	struct process *init;
	bool any_ended = false;

	if (list_empty(&process->children))
		return;
	init = process_find(PROCESS_PID_INIT);
	while (!list_empty(&process->children)) {
		struct process *child =
			list_entry(process->children.next, struct process, siblings);
		list_remove(&child->siblings);
		list_append(&init->children, &child->siblings);
		child->parent = init;
		any_ended |= child->ended;
	}
	if (any_ended)
		wait_queue_wake_all(&init->child_ended);
}

/* A parent that ignores SIGCHLD by its own wish wants no zombies (POSIX, exit()). */
static bool process_wants_status(const struct process *parent)
{
	return !(parent->signals_ignored & 1u << CASTLE_SIGCHLD);
}

void process_end(struct process *process, int32_t status)
{
	struct process *parent = process->parent;

	assert_held(process);
	if (process->pid == PROCESS_PID_INIT) {
		kprintf("init has ended with status %d\n", status);
		power_off(STATUS_INIT_ENDED);
	}
	process_release_resources(process);
	children_give_to_init(process);
	process->ended = true;
	process->status = status;
	if (!process_wants_status(parent))
		process_free(process);
	wait_queue_wake_all(&parent->child_ended);
	signal_send(parent, CASTLE_SIGCHLD);
}

int32_t sys_exit(int32_t status)
{
	process_end(current_process(), PROCESS_STATUS_EXITED(status));
	return CALL_BLOCKED;
}

/* The child to report, or NULL; *exists tells whether there is one to wait for at all. */
static struct process *child_find(struct process *parent, int32_t pid, bool *exists)
{
	struct list *node;

	*exists = false;
	list_for_each (node, &parent->children) {
		struct process *child = list_entry(node, struct process, siblings);
		if (pid > 0 && child->pid != pid)
			continue;
		*exists = true;
		if (child->ended)
			return child;
	}
	return NULL;
}

int32_t sys_wait(int32_t pid, uint32_t status, uint32_t options)
{
	struct process *process = current_process(), *child;
	bool exists;

	if (options & ~CASTLE_WNOHANG)
		return -EINVAL;
	child = child_find(process, pid, &exists);
	if (!exists)
		return -ECHILD;
	if (!child)
		return options & CASTLE_WNOHANG ? 0
						: wait_queue_block_restart(&process->child_ended);
	if (status && copy_to_user(status, &child->status, sizeof child->status) != 0)
		return -EFAULT;
	pid = child->pid;
	process_free(child);
	return pid;
}
