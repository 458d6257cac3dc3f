/*
 * exec: another program in the calling process. Its other threads end, its container is replaced.
 */
#include <castle/errno.h>
#include "arch/ia32/context.h"
#include "kernel/interrupt/supervisor.h"
#include "kernel/mem/container.h"
#include "kernel/proc/process.h"
#include "kernel/proc/program.h"
#include "kernel/sched/scheduler.h"
#include "kernel/proc/thread.h"
#include "kernel/sched/wait_queue.h"
#include "kernel/proc/limit.h"
#include "kernel/proc/process_timer.h"
#include "kernel/proc/signal.h"

/* Tells all other threads to leave. True when they have. */
static bool is_alone(struct process *process)
{
	struct list *node, *following;

	list_for_each_safe (node, following, &process->threads) {
		struct thread *thread = list_entry(node, struct thread, siblings);
		if (thread != current_thread && !thread_is_dying(thread))
			thread_kill(thread);
	}
	return process->thread_count == 1;
}

/* What of a thread belongs to the old program. */
static void thread_reset(struct thread *thread)
{
	thread->stack_slot = 0;
	if (thread->fpu) {
		scheduler_forget(thread);
		fpu_free(thread->fpu);
		thread->fpu = NULL;
	}
	thread->tls_base = 0;
	thread->signal_stack_size = 0;
	context_load(NULL, thread);
}

/* From here on there is no way back to the old program. */
static void process_replace(struct process *process, const struct program *program)
{
	struct thread *thread = current_thread;
	struct container *old = process->container;

	file_table_close_cloexec(&process->files);
	process_lock(process);
	signal_actions_reset(process);
	process_timers_delete(process, false);
	container_limit_stack(program->container, limit_of(process, CASTLE_LIMIT_STACK));
	/* Pending signals stay so (POSIX, exec), but for what concerns the old program alone. */
	signal_cancel(thread, CASTLE_SIGRECALL);
	process->container = thread->container = program->container;
	process_unlock(process);
	container_activate(program->container);
	container_release(old);
	thread_reset(thread);
	context_start(thread, program->entry, program->stack);
	/* All registers change, so the quick way back of sysenter will not do. */
	exit_work_set(EXIT_WORK_USER_SIGNAL);
}

/*
 * Signals wait as long as the others need to leave: exec() does not end with EINTR once it has told
 * them to.
 */
static int32_t await_others(struct process *process)
{
	struct thread *thread = current_thread;

	if (!thread->awaits_others) {
		thread->awaits_others = true;
		thread->saved_mask = thread->signal_mask;
		signal_mask_set(thread, UINT32_MAX);
	}
	return wait_queue_block_restart(&process->changes);
}

static void await_over(struct thread *thread)
{
	if (!thread->awaits_others)
		return;
	thread->awaits_others = false;
	process_lock(thread->process);
	signal_mask_set(thread, thread->saved_mask);
	process_unlock(thread->process);
}

/*
 * 0 if this is the only thread, and so it stays; else what the call returns. Two threads that meet
 * here do not end each other: the first one ends the second.
 */
static int32_t become_alone(struct process *process)
{
	int32_t result = 0;

	process_lock(process);
	if (thread_is_dying(current_thread))
		result = -EINTR;
	else if (!is_alone(process))
		result = await_others(process);
	process_unlock(process);
	return result;
}

/*
 * With other threads, the call starts over once they have left: so the new program is loaded first,
 * to see that it can be, and once more when this thread is alone.
 */
int32_t sys_exec(uint32_t path, uint32_t argv, uint32_t envp)
{
	struct process *process = current_process();
	struct program program;
	int32_t result = program_load(&program, path, argv, envp);

	if (result == 0) {
		result = become_alone(process);
		if (result != 0) {
			container_release(program.container);
			return result;
		}
	}
	await_over(current_thread);
	if (result == 0)
		process_replace(process, &program);
	return result;
}
