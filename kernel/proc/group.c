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
#include "kernel/proc/stop.h"

int group_signal(int32_t group, uint32_t signal)
{
	struct process *process = NULL;
	int error = -ESRCH;

	assert_held(tasks);
	while ((process = process_next(process))) {
		if (process->pid == PROCESS_PID_INIT ||
		    (group != GROUP_ALL && process->group != group))
			continue;
		error = 0;
		if (signal != 0)
			signal_post(process, signal);
	}
	return error;
}

bool group_has(int32_t group, bool (*is)(const struct process *process))
{
	struct process *process = NULL;
	bool found = false;

	assert_held(tasks);
	while (!found && (process = process_next(process)))
		found = process->group == group && is(process);
	process_release(process);
	return found;
}

static bool is_there(const struct process *process)
{
	return !process->ended;
}

bool group_exists(int32_t group)
{
	assert_held(tasks);
	return group_has(group, is_there);
}

/* What is left of a group whose processes have ended keeps nobody out. */
static bool in_background(int32_t foreground)
{
	return foreground && current_process()->group != foreground && group_exists(foreground);
}

int32_t group_keep_out(int32_t foreground, uint32_t signal)
{
	assert_held(tasks);
	return in_background(foreground) ? stop_in_background(signal) : 0;
}

int32_t group_ask_leave(int32_t foreground, uint32_t signal)
{
	assert_held(tasks);
	return stop_signal_counts(signal) ? group_keep_out(foreground, signal) : 0;
}

/* Its children know of it, too. */
static void group_set(struct process *process, int32_t group)
{
	struct list *node;

	process_lock(process);
	process->group = group ? group : process->pid;
	list_for_each (node, &process->children)
		list_entry(node, struct process, siblings)->parent_group = process->group;
	process_unlock(process);
}

/* The caller and its children are the only ones whose group it may change. As long as it is in the
 * call they have no other parent. */
int32_t sys_setpgid(int32_t pid, int32_t group)
{
	struct process *caller = current_process();
	struct process *process = pid < 0 ? NULL : process_find(pid ? pid : caller->pid);
	int error = -ESRCH;

	if (group < 0) {
		error = -EINVAL;
	} else if (process && (process == caller || process->parent == caller)) {
		group_set(process, group);
		error = 0;
	}
	process_release(process);
	return error;
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
