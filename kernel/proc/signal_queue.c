/*
 * The queue of a process's signals: few entries, so they are looked through one by one.
 */
#include "kernel/proc/signal_queue.h"

#include <castle/errno.h>
#include "kernel/lib/string.h"
#include "kernel/lock/domain.h"
#include "kernel/mem/slab.h"
#include "kernel/proc/process.h"
#include "kernel/proc/process_timer.h"
#include "kernel/proc/signal.h"
#include "kernel/proc/signal_internal.h"

static struct slab_cache info_cache GUARDED_BY(slabs);

void signal_queue_init_cache(void)
{
	slab_cache_init(&info_cache, "siginfo", sizeof(struct signal_info), sizeof(void *));
}

/* Behind the last entry, or the end of the queue if there are as many as there may be. */
static struct signal_info **queue_end(struct process *process)
{
	struct signal_info **place = &process->signal_queue;

	for (uint32_t count = 0; *place && count < CASTLE_SIGNALS_QUEUE; count++)
		place = &(*place)->next;
	return place;
}

static struct signal_info *info_copy(const struct signal_info *info)
{
	struct signal_info *copy = slab_alloc(&info_cache);

	if (copy)
		*copy = *info;
	return copy;
}

/* What the thread was told of this signal before it came once more. */
static struct signal_info *find_same(struct process *process, const struct thread *thread,
				     uint32_t signal)
{
	struct signal_info *info = process->signal_queue;

	while (info && (info->signal != signal || info->thread != thread || info->timer))
		info = info->next;
	return info;
}

int signal_queue_put(struct process *process, struct thread *thread, bool shared,
		     struct signal_info *info)
{
	struct signal_info **end, *same = NULL;

	assert_held(process);
	if (info->signal < CASTLE_SIGRTMIN && !info->timer)
		same = find_same(process, thread, info->signal);
	if (same) {
		same->told = info->told;
		same->shared = shared;
		return 0;
	}
	end = queue_end(process);
	if (*end)
		return -EAGAIN;
	if (!info->timer)
		info = info_copy(info);
	if (!info)
		return -EAGAIN;
	info->thread = thread;
	info->shared = shared;
	info->queued = true;
	info->next = NULL;
	*end = info;
	return 0;
}

static void unlink_entry(struct signal_info **place)
{
	struct signal_info *info = *place;

	*place = info->next;
	info->queued = false;
	if (!info->timer)
		slab_free(&info_cache, info);
}

static bool is_for(const struct signal_info *info, const struct thread *thread)
{
	return info->thread == thread || !info->thread;
}

bool signal_queue_take(struct thread *thread, uint32_t signal, struct castle_signal_info *told)
{
	struct signal_info **place = &thread->process->signal_queue;

	assert_held(process);
	while (*place && ((*place)->signal != signal || !is_for(*place, thread)))
		place = &(*place)->next;
	if (!*place) {
		memset(told, 0, sizeof *told);
		return false;
	}
	*told = (*place)->told;
	if ((*place)->timer)
		process_timer_told((*place)->timer);
	unlink_entry(place);
	return true;
}

uint32_t signal_queue_set(const struct thread *thread)
{
	const struct signal_info *info;
	uint32_t set = 0;

	assert_held(process);
	for (info = thread->process->signal_queue; info; info = info->next)
		if (info->signal >= CASTLE_SIGRTMIN && is_for(info, thread))
			set |= 1u << (info->signal - CASTLE_SIGRTMIN);
	return set;
}

uint32_t signal_queue_lowest(const struct thread *thread, uint32_t realtime_set)
{
	const uint32_t set = signal_queue_set(thread) & realtime_set;

	assert_held(process);
	return set ? CASTLE_SIGRTMIN + __builtin_ctz(set) : 0;
}

/* Real-time signals that nobody has taken find a thread that does. */
static void give_out(struct process *process)
{
	for (struct signal_info *info = process->signal_queue; info; info = info->next) {
		if (info->thread || info->signal < CASTLE_SIGRTMIN)
			continue;
		info->thread = signal_choose_thread(process, info->signal);
		if (info->thread)
			signal_make_pending(info->thread, info->signal);
	}
}

void signal_queue_update(struct thread *thread)
{
	struct process *process = thread->process;

	assert_held(process);
	for (struct signal_info *info = process->signal_queue; info; info = info->next)
		if (info->thread == thread && info->shared &&
		    signal_is_blocked(thread, info->signal))
			info->thread = NULL;
	give_out(process);
	if (signal_queue_lowest(thread, signal_realtime_open(thread)))
		thread->signal_pending |= 1u << CASTLE_SIGREALTIME;
	else
		thread->signal_pending &= ~(1u << CASTLE_SIGREALTIME);
}

void signal_queue_leave(struct process *process, const struct thread *thread)
{
	struct signal_info **place = &process->signal_queue;

	assert_held(process);
	while (*place) {
		struct signal_info *info = *place;
		if (info->thread == thread && !info->shared) {
			unlink_entry(place);
			continue;
		}
		if (info->thread == thread)
			info->thread = NULL;
		place = &info->next;
	}
	give_out(process);
}

void signal_queue_remove(struct process *process, struct signal_info *info)
{
	struct signal_info **place = &process->signal_queue;

	assert_held(process);
	while (*place && *place != info)
		place = &(*place)->next;
	if (*place)
		unlink_entry(place);
}

void signal_queue_clear(struct process *process)
{
	assert_held(process);
	while (process->signal_queue)
		unlink_entry(&process->signal_queue);
}
