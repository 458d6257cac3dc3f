/*
 * exec: another program in the calling process. Its other threads end, its container is replaced.
 */
#include "arch/ia32/context.h"
#include "kernel/interrupt/supervisor.h"
#include "kernel/mem/container.h"
#include "kernel/proc/process.h"
#include "kernel/proc/program.h"
#include "kernel/sched/scheduler.h"
#include "kernel/proc/signal.h"

static void process_end_other_threads(struct process *process)
{
	struct list *node, *following;

	list_for_each_safe (node, following, &process->threads) {
		struct thread *thread = list_entry(node, struct thread, siblings);
		if (thread != current_thread)
			thread_destroy(thread);
	}
}

/* What of a thread belongs to the old program. */
static void thread_reset(struct thread *thread)
{
	thread->stack_slot = 0;
	thread->signal_pending = 0;
	if (thread->fpu) {
		scheduler_forget(thread);
		fpu_free(thread->fpu);
		thread->fpu = NULL;
	}
	thread->tls_base = 0;
	context_load(NULL, thread);
}

int32_t sys_exec(uint32_t path, uint32_t argv, uint32_t envp)
{
	struct thread *thread = current_thread;
	struct process *process = thread->process;
	struct container *old = process->container;
	struct program program;
	const int error = program_load(&program, process->cwd, path, argv, envp);

	if (error)
		return error;
	process_end_other_threads(process);
	file_table_close_cloexec(&process->files);
	signal_actions_reset(process);
	process->container = program.container;
	container_activate(program.container);
	container_release(old);
	thread_reset(thread);
	context_start(thread, program.entry, program.stack);
	/* All registers change, so the quick way back of sysenter will not do. */
	exit_work_set(EXIT_WORK_USER_SIGNAL);
	return 0;
}
