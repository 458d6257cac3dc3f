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
#include "kernel/proc/limit.h"
#include "kernel/proc/process_table.h"
#include "kernel/proc/process_timer.h"
#include "kernel/proc/signal_queue.h"
#include "kernel/proc/thread.h"
#include "kernel/proc/signal.h"

#define PID_TABLE_SIZE 256

struct bucket {
	struct list processes;
	LOCK_MEMBER(lock);
};

static struct slab_cache process_cache GUARDED_BY(slabs);
static struct bucket pid_table[PID_TABLE_SIZE] GUARDED_BY(processes);
static struct process *first_process SET_AT_BOOT;
static uint32_t last_pid UNGUARDED("changed by number_next() alone");

void process_init_caches(void)
{
	slab_cache_init(&process_cache, "process", sizeof(struct process), sizeof(void *));
	for (unsigned i = 0; i < PID_TABLE_SIZE; i++)
		list_init(&pid_table[i].processes);
}

static struct bucket *bucket_of(int32_t pid)
{
	return &pid_table[(uint32_t)pid % PID_TABLE_SIZE];
}

/* Without a reference. */
static struct process *find(const struct bucket *bucket, int32_t pid)
{
	struct list *node;

	assert_held(processes);
	list_for_each (node, &bucket->processes) {
		struct process *process = list_entry(node, struct process, hash);
		if (process->pid == pid)
			return process;
	}
	return NULL;
}

struct process *process_find(int32_t pid)
{
	struct bucket *bucket = bucket_of(pid);
	struct process *process;

	assert_held(tasks);
	lock_acquire(processes, &bucket->lock);
	process = find(bucket, pid);
	if (process)
		process_reference(process);
	lock_release(processes, &bucket->lock);
	return process;
}

/* The one with the lowest pid above this one, with a reference; or NULL. */
static struct process *find_above(struct bucket *bucket, int32_t pid)
{
	struct process *lowest = NULL;
	struct list *node;

	lock_acquire(processes, &bucket->lock);
	list_for_each (node, &bucket->processes) {
		struct process *process = list_entry(node, struct process, hash);
		if (process->pid > pid && (!lowest || process->pid < lowest->pid))
			lowest = process;
	}
	if (lowest)
		process_reference(lowest);
	lock_release(processes, &bucket->lock);
	return lowest;
}

struct process *process_next(struct process *previous)
{
	struct bucket *bucket = previous ? bucket_of(previous->pid) : pid_table;
	int32_t pid = previous ? previous->pid : 0;
	struct process *process = NULL;

	assert_held(tasks);
	if (previous)
		process_release(previous);
	for (; !process && bucket < pid_table + PID_TABLE_SIZE; bucket++, pid = 0)
		process = find_above(bucket, pid);
	return process;
}

struct process *process_init(void)
{
	return first_process;
}

/* False if the number is in use. */
static bool number_give(struct process *process, int32_t pid)
{
	struct bucket *bucket = bucket_of(pid);
	bool given;

	lock_acquire(processes, &bucket->lock);
	given = !find(bucket, pid);
	if (given) {
		process->pid = pid;
		list_append(&bucket->processes, &process->hash);
	}
	lock_release(processes, &bucket->lock);
	return given;
}

/* After two thousand million processes it starts over, and steps over those in use. */
static void process_number(struct process *process)
{
	int32_t pid;

	do
		pid = number_next(&last_pid) & INT32_MAX;
	while (!pid || !number_give(process, pid));
}

struct process *process_create(struct process *parent)
{
	struct process *process = slab_alloc(&process_cache);

	if (!process)
		return NULL;
	memset(process, 0, sizeof *process);
	statistic_processes++;
	process->references = 1;
	process->parent = parent ? process_reference(parent) : NULL;
	list_init(&process->children);
	list_init(&process->threads);
	wait_queue_init(&process->changes, process);
	mailbox_init(&process->mailbox);
	file_table_init(&process->files);
	if (parent && parent->limits && limits_inherit(process, parent) != 0) {
		process_discard(process);
		return NULL;
	}
	return process;
}

int32_t process_enter(struct process *process)
{
	struct process *parent = process->parent;

	assert_held(tasks);
	process_number(process);
	if (!parent) {
		process->group = process->pid;
		list_init(&process->siblings);
		first_process = process;
		return process->pid;
	}
	process_lock(parent);
	process->group = parent->group;
	process->parent_group = parent->parent ? parent->group : 0;
	list_append(&parent->children, &process->siblings);
	process_unlock(parent);
	return process->pid;
}

void process_release_resources(struct process *process)
{
	struct container *const container = process->container;

	file_table_close_all(&process->files);
	if (process->cwd)
		inode_release(process->cwd);
	process->cwd = NULL;
	process_lock(process);
	signal_actions_reset(process);
	if (process->timers)
		process_timers_delete(process, true);
	if (process->signal_queue)
		signal_queue_clear(process);
	if (process->limits)
		limits_free(process);
	process_unlock(process);
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

/* With it goes its reference to its parent. */
void process_release(struct process *process)
{
	struct process *parent;

	for (; process; process = parent) {
		assert(process->references > 0);
		if (!reference_drop(&process->references))
			return;
		parent = process->parent;
		if (lock_is_used(LOCK_FREE_BIT))
			mailbox_discard(&process->mailbox);
		slab_free(&process_cache, process);
	}
}

void process_remove(struct process *process)
{
	assert_held(process);
	list_remove(&process->siblings);
	list_init(&process->siblings);
	lock_acquire(processes, &bucket_of(process->pid)->lock);
	list_remove(&process->hash);
	lock_release(processes, &bucket_of(process->pid)->lock);
	process_release(process);
}

void process_discard(struct process *process)
{
	assert_held(tasks);
	while (!list_empty(&process->threads)) {
		struct thread *thread = list_entry(process->threads.next, struct thread, siblings);
		process_lock(process);
		thread_end(thread);
		process_unlock(process);
		thread_discard(thread);
	}
	process_release_resources(process);
	process_release(process);
}

struct thread *process_thread(const struct process *process, uint32_t tid)
{
	struct list *node;

	assert_held(process);
	list_for_each (node, &process->threads) {
		struct thread *thread = list_entry(node, struct thread, siblings);
		if (thread->tid == tid)
			return thread;
	}
	return NULL;
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

	assert_held(process);
	return parent ? parent->pid : 0;
}
