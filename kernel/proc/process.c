/*
 * The table of processes, and their making and discarding.
 */
#include "kernel/proc/process.h"

#include <castle/abi.h>
#include <castle/errno.h>
#include "kernel/lock/domain.h"
#include "kernel/lock/lock.h"
#include "kernel/measure/statistics.h"
#include "kernel/fs/inode.h"
#include "kernel/lib/assert.h"
#include "kernel/lib/string.h"
#include "kernel/mem/container.h"
#include "kernel/mem/slab.h"
#include "kernel/proc/alarm.h"
#include "kernel/proc/process_table.h"
#include "kernel/proc/thread.h"
#include "kernel/proc/signal.h"

#define PID_TABLE_SIZE 256

struct list process_list GUARDED_BY(processes) = LIST_INITIALISER(process_list);

static struct slab_cache process_cache GUARDED_BY(slabs);
static struct list pid_table[PID_TABLE_SIZE] GUARDED_BY(processes);

void process_init_caches(void)
{
	slab_cache_init(&process_cache, "process", sizeof(struct process), sizeof(void *));
	for (unsigned i = 0; i < PID_TABLE_SIZE; i++)
		list_init(&pid_table[i]);
}

/* Without a reference. */
static struct process *find(int32_t pid)
{
	struct list *node, *head = &pid_table[(uint32_t)pid % PID_TABLE_SIZE];

	list_for_each (node, head) {
		struct process *process = list_entry(node, struct process, hash);
		if (process->pid == pid)
			return process;
	}
	return NULL;
}

struct process *process_find(int32_t pid)
{
	struct process *process = find(pid);

	return process ? process_reference(process) : NULL;
}

struct process *process_init(void)
{
	return list_entry(process_list.next, struct process, all);
}

/* Counts up; after two thousand million processes it starts over and steps over those in use. */
static int32_t process_next_pid(void)
{
	static int32_t last_pid GUARDED_BY(processes);

	do
		last_pid = last_pid == INT32_MAX ? PROCESS_PID_INIT + 1 : last_pid + 1;
	while (find(last_pid));
	return last_pid;
}

struct process *process_create(struct process *parent)
{
	struct process *process = slab_alloc(&process_cache);

	if (!process)
		return NULL;
	memset(process, 0, sizeof *process);
	statistic_processes++;
	process->references = 1;
	process->parent = parent;
	list_init(&process->children);
	list_init(&process->threads);
	wait_queue_init(&process->changes, process);
	mailbox_init(&process->mailbox);
	file_table_init(&process->files);
	return process;
}

int32_t process_enter(struct process *process)
{
	struct process *parent = process->parent;
	int32_t pid;

	kernel_enter();
	pid = process_next_pid();
	process->pid = pid;
	process->group = parent ? parent->group : pid;
	if (parent)
		list_append(&parent->children, &process->siblings);
	else
		list_init(&process->siblings);
	list_append(&process_list, &process->all);
	list_append(&pid_table[(uint32_t)pid % PID_TABLE_SIZE], &process->hash);
	kernel_leave();
	return pid;
}

void process_release_resources(struct process *process)
{
	struct container *const container = process->container;

	file_table_close_all(&process->files);
	if (process->cwd)
		inode_release(process->cwd);
	process->cwd = NULL;
	signal_actions_reset(process);
	alarm_cancel(process);
	lock_acquire(ipc, &ipc_lock);
	lock_acquire(mailbox, &process->mailbox.lock);
	mailbox_close(&process->mailbox);
	lock_release(mailbox, &process->mailbox.lock);
	lock_release(ipc, &ipc_lock);
	if (container) {
		process->container = NULL;
		container_release(container);
	}
}

void process_release(struct process *process)
{
	assert(process->references > 0);
	if (reference_drop(&process->references))
		slab_free(&process_cache, process);
}

void process_remove(struct process *process)
{
	assert_held(processes);
	list_remove(&process->siblings);
	list_remove(&process->all);
	list_remove(&process->hash);
	process_release(process);
}

void process_discard(struct process *process)
{
	kernel_enter();
	while (!list_empty(&process->threads))
		thread_end(list_entry(process->threads.next, struct thread, siblings));
	process_release_resources(process);
	process_release(process);
	kernel_leave();
}

uint32_t process_user_ticks(const struct process *process)
{
	uint32_t ticks = process->user_ticks;
	struct list *node;

	assert_held(process);
	list_for_each (node, &process->threads)
		ticks += list_entry(node, struct thread, siblings)->user_ticks;
	return ticks;
}

int32_t sys_times(uint32_t result)
{
	const struct process *process = current_process();
	const struct castle_times times = {
		.own = process_user_ticks(process),
		.children = process->child_ticks,
	};

	return copy_to_user(result, &times, sizeof times);
}

int32_t sys_getpid(void)
{
	return current_process()->pid;
}

int32_t sys_getppid(void)
{
	const struct process *parent = current_process()->parent;
	return parent ? parent->pid : 0;
}
