/*
 * spawn: a new process with a program of its own, made without copying the parent. This is how
 * processes are created fast (Section 3.2.3): code is there already, two pages are allocated.
 */
#include <castle/abi.h>
#include <castle/errno.h>
#include "arch/ia32/context.h"
#include "kernel/fs/inode.h"
#include "kernel/lib/print.h"
#include "kernel/mem/container.h"
#include "kernel/proc/process.h"
#include "kernel/proc/thread.h"
#include "kernel/proc/program.h"
#include "kernel/sched/scheduler.h"

/* Signals that are ignored stay so; handlers do not exist in the new program (POSIX, exec). */
static void process_inherit(struct process *process, struct process *parent)
{
	process->cwd = process_cwd_get(parent);
	process->signals_ignored = parent->signals_ignored;
	process->realtime_ignored = parent->realtime_ignored;
}

static int spawn_action_run(struct process *process, const struct castle_spawn_action *action)
{
	switch (action->action) {
	case CASTLE_SPAWN_DUP2:
		return file_table_dup2(&process->files, action->fd, action->new_fd);
	case CASTLE_SPAWN_CLOSE:
		return file_table_close(&process->files, action->fd);
	case CASTLE_SPAWN_OPEN:
		return file_table_open_at(&process->files, process->cwd, action->new_fd,
					  action->path, action->flags, action->mode);
	default:
		return -EINVAL;
	}
}

static int spawn_actions_run(struct process *process, const struct castle_spawn *spawn)
{
	struct castle_spawn_action action;
	int error;

	if (spawn->action_count > CASTLE_OPEN_MAX)
		return -EINVAL;
	for (uint32_t i = 0; i < spawn->action_count; i++) {
		error = copy_from_user(&action, spawn->actions + i * sizeof action, sizeof action);
		if (!error)
			error = spawn_action_run(process, &action);
		if (error < 0)
			return error;
	}
	return 0;
}

/* Descriptors as spawn() passes them on: the actions see all of them, close-on-exec comes last. */
static int spawn_files(struct process *process, struct process *parent,
		       const struct castle_spawn *spawn)
{
	int error = file_table_copy(&process->files, &parent->files, spawn->action_count == 0);

	if (error || spawn->action_count == 0)
		return error;
	error = spawn_actions_run(process, spawn);
	file_table_close_cloexec(&process->files);
	return error;
}

/* Gives the process its first thread and lets it go. Its pid, or -ENOMEM. */
static int32_t process_start(struct process *process, const struct program *program,
			     uint32_t priority)
{
	struct thread *thread = thread_create(process, priority);
	int32_t pid;

	if (!thread)
		return -ENOMEM;
	context_start(thread, program->entry, program->stack);
	pid = process_enter(process);
	scheduler_start(thread);
	return pid;
}

/* A new process that owns the program's container; NULL, the container released, without memory. */
static struct process *process_with_program(struct process *parent, const struct program *program)
{
	struct process *process = process_create(parent);

	if (process)
		process->container = program->container;
	else
		container_release(program->container);
	return process;
}

static int spawn_read(uint32_t address, struct castle_spawn *spawn)
{
	*spawn = (struct castle_spawn){ .priority = -1 };
	if (address && copy_from_user(spawn, address, sizeof *spawn) != 0)
		return -EFAULT;
	if (spawn->priority < 0)
		spawn->priority = current_thread->priority;
	if (spawn->priority >= CASTLE_PRIORITY_COUNT)
		return -EINVAL;
	/* 0 is the highest: nobody may put a child before itself, and so starve all others. */
	return (uint32_t)spawn->priority < current_thread->priority ? -EPERM : 0;
}

int32_t sys_spawn(uint32_t path, uint32_t argv, uint32_t envp)
{
	struct process *parent = current_process(), *process;
	struct castle_spawn spawn;
	struct program program;
	int error = spawn_read(current_thread->frame.ebp, &spawn);

	if (!error)
		error = program_load(&program, path, argv, envp);
	if (error)
		return error;
	process = process_with_program(parent, &program);
	if (!process)
		return -ENOMEM;
	process_inherit(process, parent);
	error = spawn_files(process, parent, &spawn);
	if (!error)
		error = process_start(process, &program, spawn.priority);
	if (error < 0)
		process_discard(process);
	return error;
}

/*
 * A process that the kernel starts by itself, in the root directory. 0, or a negative errno value;
 * with a reference, since it may have ended before anybody looks.
 */
static int process_start_program(const char *path, struct process *parent, struct process **result)
{
	struct process *process;
	struct program program;
	int error = program_load_first(&program, path);

	if (error)
		return error;
	process = process_with_program(parent, &program);
	if (!process)
		return -ENOMEM;
	process_reference(process);
	process->cwd = inode_reference(inode_root());
	error = parent ? file_table_copy(&process->files, &parent->files, true) : 0;
	if (!error)
		error = process_start(process, &program, CASTLE_PRIORITY_DEFAULT);
	if (error < 0) {
		process_discard(process);
		process_release(process);
		return error;
	}
	*result = process;
	return 0;
}

int process_start_init(void)
{
	struct process *init;
	int error;

	tasks_enter();
	error = process_start_program("/bin/init", NULL, &init);
	tasks_leave();
	if (!error)
		process_release(init);
	return error;
}

int process_start_dynamic(const char *name, struct process **result)
{
	char path[sizeof "/bin/" + CASTLE_NAME_MAX];

	assert_held(programs);
	ksnprintf(path, sizeof path, "/bin/%s", name);
	return process_start_program(path, process_init(), result);
}
