/*
 * Making and ending threads.
 */
#include "kernel/proc/thread.h"

#include <castle/abi.h>
#include <castle/errno.h>
#include "arch/ia32/context.h"
#include "arch/ia32/cpulocal.h"
#include "arch/ia32/reference.h"
#include "kernel/measure/statistics.h"
#include "kernel/interrupt/supervisor.h"
#include "kernel/lib/assert.h"
#include "kernel/lock/lock.h"
#include "kernel/lib/string.h"
#include "kernel/mem/container.h"
#include "kernel/mem/page.h"
#include "kernel/mem/slab.h"
#include "kernel/proc/process.h"
#include "kernel/sched/scheduler.h"
#include "kernel/sched/futex.h"
#include "kernel/sched/wait_queue.h"

#ifdef CASTLE_SMP
#include "kernel/smp/wait_locks.h"
#endif

static uint32_t last_tid UNGUARDED("changed by number_next() alone");
static struct slab_cache thread_cache GUARDED_BY(slabs);

void thread_init_caches(void)
{
	slab_cache_init(&thread_cache, "thread", sizeof(struct thread), 16);
}

#ifdef CASTLE_SMP
/*
 * Where timers have a lock of their own it is given up meanwhile, since those of wait queues come
 * before it. As long as it is held the thread is in that wait; a reference keeps it from then on.
 */
static void thread_timed_out_apart(struct thread *thread)
{
	const uint32_t timed_wait = thread->timed_wait;

	if (!timed_wait)
		return;
	thread_reference(thread);
	lock_release(timers, &timers_lock);
	thread_wake_timed(thread, timed_wait);
	thread_release(thread);
	lock_acquire(timers, &timers_lock);
}
#else
#define thread_timed_out_apart(thread) ((void)0)
#endif

static void thread_timed_out(struct timer *timer)
{
	struct thread *thread = list_entry(timer, struct thread, timer);

	if (lock_is_used(LOCK_BIT(timers)))
		thread_timed_out_apart(thread);
	else
		thread_wake(thread, WAKE_TIMED_OUT);
}

/* In no process's list yet. */
static struct thread *thread_make(struct process *process, uint32_t priority)
{
	struct thread *thread = slab_alloc_zeroed(&thread_cache);

	if (!thread)
		return NULL;
	statistic_threads++;
	thread->process = process;
	thread->container = process->container;
	thread->references = 1;
	thread->tid = number_next(&last_tid);
	thread->priority = priority;
	placement_create(thread);
	timer_prepare(&thread->timer, thread_timed_out);
	list_init(&thread->queue);
	return thread;
}

static void thread_enter(struct thread *thread)
{
	list_append(&thread->process->threads, &thread->siblings);
	thread->process->thread_count++;
}

struct thread *thread_create(struct process *process, uint32_t priority)
{
	struct thread *thread = thread_make(process, priority);

	if (thread)
		thread_enter(thread);
	return thread;
}

/*
 * One more thread of a process that runs. -ENOMEM; or -EINTR if the current thread is to end, and
 * with it all that were there when it was told.
 */
static int thread_add(struct process *process, struct thread **result)
{
	struct thread *thread = thread_make(process, current_thread->priority);
	bool dying;

	if (!thread)
		return -ENOMEM;
	process_lock(process);
	dying = thread_is_dying(current_thread);
	/* A stopped process's, if this one has not come to where it waits for that to end. */
	thread->signal_pending |= current_thread->signal_pending & THREAD_STOPPING;
	if (dying)
		placement_discard(thread);
	else
		thread_enter(thread);
	process_unlock(process);
	if (dying) {
		thread_discard(thread);
		return -EINTR;
	}
	*result = thread;
	return 0;
}

static void thread_take_back(struct thread *thread)
{
	process_lock(thread->process);
	thread_end(thread);
	process_unlock(thread->process);
	thread_discard(thread);
}

void thread_end(struct thread *thread)
{
	struct process *process = thread->process;

	assert_held(process);
	scheduler_forget(thread);
	placement_discard(thread);
	list_remove(&thread->siblings);
	process->thread_count--;
	process->user_ticks += thread->user_ticks;
	thread->state = THREAD_ENDED;
	if (thread->stack_slot) {
		lock_acquire(container, &thread->container->lock);
		container_free_stack_slot(thread->container, thread->stack_slot - 1);
		lock_release(container, &thread->container->lock);
	}
}

void thread_discard(struct thread *thread)
{
	if (thread->fpu)
		fpu_free(thread->fpu);
	thread_release(thread);
}

void thread_release(struct thread *thread)
{
	assert(thread->references > 0);
	if (reference_drop(&thread->references))
		slab_free(&thread_cache, thread);
}

void thread_interrupt(struct thread *thread)
{
	assert_held(process);
	if (thread == current_thread)
		exit_work_set(EXIT_WORK_USER_SIGNAL);
	else if (thread->state == THREAD_RUNNING)
		placement_remind(thread);
	else
		thread_wake(thread, WAKE_INTERRUPTED);
}

void thread_kill(struct thread *thread)
{
	assert_held(process);
	lock_acquire(blocking, &blocking_lock);
	bits_set(&thread->signal_pending, THREAD_DYING);
	scheduler_hasten(thread);
	thread_interrupt(thread);
	lock_release(blocking, &blocking_lock);
}

int32_t sys_gettid(void)
{
	return current_thread->tid;
}

int32_t sys_getcpu(void)
{
	return cpu_number;
}

int32_t sys_yield(void)
{
	if (!scheduler_has_other())
		return 0;
	current_thread->frame.eax = 0;
	scheduler_put_back();
	return CALL_BLOCKED;
}

/* Finds the new thread a stack in a slot of its own, the argument on it as for a C function. */
static inline int take_stack(struct container *container, struct thread *thread,
			     struct castle_thread *request)
{
	const int slot = container_take_stack_slot(container);
	uint32_t end;
	void *page;

	if (slot < 0)
		return slot;
	end = container_stack_slot_end(slot);
	page = container_page(container, end - PAGE_SIZE);
	if (!page) {
		container_free_stack_slot(container, slot);
		return -ENOMEM;
	}
	thread->stack_slot = slot + 1;
	/* 16 bytes of alignment, then the argument and a null return address below it. */
	memcpy((char *)page + PAGE_SIZE - 16, &request->argument, sizeof request->argument);
	memset((char *)page + PAGE_SIZE - 20, 0, sizeof(uint32_t));
	request->stack = end - 20;
	return 0;
}

static int thread_take_stack(struct thread *thread, struct castle_thread *request)
{
	struct container *container = thread->process->container;
	int error;

	lock_acquire(container, &container->lock);
	error = take_stack(container, thread, request);
	lock_release(container, &container->lock);
	return error;
}

static int thread_start(struct thread *thread, struct castle_thread *request)
{
	int error = 0;

	if (request->stack == 0)
		error = thread_take_stack(thread, request);
	if (!error && request->tid)
		error = copy_to_user(request->tid, &thread->tid, sizeof thread->tid);
	if (error)
		return error;
	context_start(thread, request->entry, request->stack);
	thread->tls_base = request->tls;
	thread->signal_mask = current_thread->signal_mask;
	thread->realtime_mask = current_thread->realtime_mask;
	scheduler_start(thread);
	return 0;
}

/*
 * A multithreaded container has its own page directory from the start (Figure 3.4b), and all pages
 * for itself.
 */
static inline int prepare_for_threads(struct container *container)
{
	int error;

	if (container->directory && !container->shares)
		return 0;
	lock_acquire(container, &container->lock);
	error = container_own_pages(container);
	if (!error)
		error = container_make_directory(container);
	lock_release(container, &container->lock);
	return error;
}

int32_t sys_thread_create(uint32_t arguments)
{
	struct process *process = current_process();
	struct castle_thread request;
	struct thread *thread;
	uint32_t tid;
	int error = copy_from_user(&request, arguments, sizeof request);

	if (error)
		return error;
	error = prepare_for_threads(process->container);
	if (error)
		return error;
	process->files.shared = true;
	error = thread_add(process, &thread);
	if (error)
		return error;
	tid = thread->tid;
	error = thread_start(thread, &request);
	if (error) {
		thread_take_back(thread);
		return error;
	}
	return tid;
}

int32_t sys_thread_exit(uint32_t word)
{
	struct process *process = current_process();
	const uint32_t zero = 0;

	if (process->thread_count == 1)
		return sys_exit(0);
	/* A bad word is the program's own loss: nobody can be waiting on it. */
	if (word && copy_to_user(word, &zero, sizeof zero) == 0) {
		lock_acquire(ipc, &ipc_lock);
		lock_acquire(futex, futex_lock(process->container, word));
		futex_wake_container(process->container, word, UINT32_MAX);
		lock_release(futex, futex_lock(process->container, word));
		lock_release(ipc, &ipc_lock);
	}
	thread_leave(current_thread);
	return CALL_BLOCKED;
}

int32_t sys_set_tls(uint32_t base)
{
	current_thread->tls_base = base;
	segments_set_tls(base);
	return 0;
}
