/*
 * Groups of processes, which a shell makes of the commands of a pipeline (POSIX.1-2017,
 * section 3.296): signals go to all of one, and the console's keys to the one in the foreground.
 * There are no sessions.
 */
#include "kernel/proc/group.h"

#include <castle/errno.h>
#include "kernel/lock/domain.h"
#include "kernel/proc/process.h"
#include "kernel/proc/signal.h"

int group_signal(int32_t group, uint32_t signal)
{
	struct list *node, *following;
	int error = -ESRCH;

	assert_held(process);
	list_for_each_safe (node, following, &process_list) {
		struct process *process = list_entry(node, struct process, all);
		if (process->pid == PROCESS_PID_INIT ||
		    (group != GROUP_ALL && process->group != group))
			continue;
		error = 0;
		if (signal != 0)
			signal_send(process, signal);
	}
	return error;
}

/* The caller, or a child of it that is there: the only ones whose group it may change. NULL:
 * neither. */
static struct process *process_of_caller(int32_t pid)
{
	struct process *caller = current_process();
	struct list *node;

	if (pid == 0 || pid == caller->pid)
		return caller;
	list_for_each (node, &caller->children) {
		struct process *child = list_entry(node, struct process, siblings);
		if (child->pid == pid)
			return child;
	}
	return NULL;
}

int32_t sys_setpgid(int32_t pid, int32_t group)
{
	struct process *process = process_of_caller(pid);

	if (group < 0)
		return -EINVAL;
	if (!process)
		return -ESRCH;
	process->group = group ? group : process->pid;
	return 0;
}

int32_t sys_getpgid(int32_t pid)
{
	struct process *process;
	int32_t group;

	if (pid == 0)
		return current_process()->group;
	process = pid > 0 ? process_find(pid) : NULL;
	if (!process)
		return -ESRCH;
	group = process->group;
	process_release(process);
	return group;
}
