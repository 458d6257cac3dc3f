/*
 * Processes: the holders of resources (Section 3.2.3): open files, working directory, signal
 * dispositions, one or more threads. A process lives in a container, normally alone.
 */
#ifndef KERNEL_PROC_PROCESS_H
#define KERNEL_PROC_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include "arch/ia32/reference.h"
#include "kernel/fs/file_table.h"
#include "kernel/fs/inode.h"
#include "kernel/ipc/mailbox.h"
#include "kernel/lib/list.h"
#include "kernel/lock/lock.h"
#include "kernel/sched/thread.h"
#include "kernel/sched/wait_queue.h"

struct container;
struct inode;
struct limits;
struct process_timer;
struct signal_actions;
struct signal_info;

#define PROCESS_PID_INIT 1

/*
 * A process's own lock is for its threads and signals, how it ends, and the list of its children.
 * In which list a child is, and what its parent is told of it (`ended`, `news`), is under the lock
 * of the parent; who the parent is, under its own. A child's lock is taken before its parent's: so
 * who has it knows who that is, and may take the other.
 */
struct process {
	struct list hash; /* in the table by pid */
	LOCK_MEMBER(lock);
	int32_t pid;
	int32_t references;   /* to its memory: the table's, its children's, of who looked it up */
	int32_t group;        /* of processes: kernel/proc/group.h */
	int32_t parent_group; /* its parent's, and under that one's lock; 0: that is init */
	struct process *parent;
	struct list children;
	struct list siblings;
	struct list threads;
	uint32_t thread_count;
	struct container *container; /* NULL once ended */
	struct mailbox mailbox;
	struct wait_queue changes; /* threads of this process in wait(), or in exec() until it is
				      the last one */
	bool ending;               /* its threads are to leave; `status` says why */
	bool ended;                /* a zombie: only pid and status are left */
	uint8_t stop_signal;       /* what has stopped it; 0: it is not stopped */
	uint8_t news;              /* that the parent may be told under this option of wait() */
	uint8_t news_signal;       /* what had stopped it then */
	int32_t status;            /* as wait() reports it */
	uint32_t signals_ignored;  /* 1 << number */
	uint32_t realtime_ignored; /* the same of real-time signals */
	uint32_t signals_pending;  /* sent to the process, and blocked by all its threads */
	struct signal_info *signal_queue; /* what pending signals have to tell; the first one */
	struct signal_actions *actions;   /* NULL: no handler was ever set */
	struct inode *cwd;
	LOCK_MEMBER(cwd_lock);
	uint32_t user_ticks;          /* of threads that have ended */
	struct process_timer *timers; /* the first one */
	struct limits *limits;        /* NULL: none was set */
	uint32_t child_ticks;         /* of children that have been waited for, and of theirs */
	struct file_table files;
};

#define current_process() (current_thread->process)

/* At boot. */
void process_init_caches(void);

/* The next two where there are locks (kernel/smp/process_locks.c). Any context, not in a
 * first-level handler. */
void process_lock_used(struct process *process);
void process_unlock_used(struct process *process);

/*
 * Takes the process's lock: the domain `process` of that one. Its own, or the giant lock where
 * processes have none (`tasks`), which may be held already. Caller holds nothing (of a rank above,
 * but a child's lock).
 */
static inline __attribute__((always_inline)) void process_lock(struct process *process)
{
	if (lock_is_used(LOCK_BIT(tasks) | LOCK_BIT(process)))
		process_lock_used(process);
}

/* Gives it up. Others may free the process from here on. Caller holds process. */
static inline __attribute__((always_inline)) void process_unlock(struct process *process)
{
	if (lock_is_used(LOCK_BIT(tasks) | LOCK_BIT(process)))
		process_unlock_used(process);
}

/*
 * The process with this pid, zombies included, with a reference for the caller; or NULL. Caller
 * holds tasks.
 */
struct process *process_find(int32_t pid);

/*
 * One process after the other, zombies included, by what is in the table by then: the one after
 * `previous` (NULL: the first), with a reference, in place of the one to `previous`; NULL at the
 * end. Caller holds tasks.
 */
struct process *process_next(struct process *previous);

/*
 * The working directory, with a reference for the caller: another thread may call chdir()
 * meanwhile. Caller holds cwd.
 */
static inline struct inode *process_cwd(struct process *process)
{
	assert_held(cwd);
	return inode_reference(process->cwd);
}

/*
 * The same, of the current process, where it has a lock of its own, and other threads. Caller
 * holds nothing (but files).
 */
static inline struct inode *process_cwd_own(struct process *process)
{
	struct inode *cwd;

	lock_acquire_if(cwd, &process->cwd_lock, process->files.shared);
	cwd = process_cwd(process);
	lock_release_if(cwd, &process->cwd_lock, process->files.shared);
	return cwd;
}

/* The same. Caller holds nothing (it takes files). */
static inline struct inode *process_cwd_get(struct process *process)
{
	struct inode *cwd;

	lock_acquire(files, &files_lock);
	cwd = process_cwd_own(process);
	lock_release(files, &files_lock);
	return cwd;
}

/* The first process, which is there as long as the machine runs. Any context. */
struct process *process_init(void);

/*
 * The memory of a process stays while it is referenced, also after it has ended and been waited
 * for: its pid, `ending`, `ended` and times may be read. Caller holds nothing; frees the process.
 */
static inline struct process *process_reference(struct process *process)
{
	reference_take(&process->references);
	return process;
}

/* Caller holds nothing; frees the process. */
void process_release(struct process *process);

/*
 * A process without threads, container, files or working directory, to be a child of `parent` (NULL
 * for the first one), that nobody knows yet. NULL when memory is out. Caller holds nothing.
 */
struct process *process_create(struct process *parent);

/*
 * Others come to know the process, complete as it is by now: it is given its pid, the result.
 * Caller holds tasks.
 */
int32_t process_enter(struct process *process);

/*
 * Undoes process_create() of a process that nobody knows; releases whatever it was given. Caller
 * holds tasks; frees the process.
 */
void process_discard(struct process *process);

/*
 * The process is to end, with this status if it was not to end already. Each of its threads leaves
 * the kernel by itself and runs no more of the program; the last one out takes files, mailbox and
 * container with it, so no call of any thread finds them gone. A zombie stays until the parent
 * waits. If the current thread is one of them, it leaves when its call is over. Caller holds
 * process.
 */
void process_end(struct process *process, int32_t status);

/* The thread of this number; NULL: it has ended, or is another process's. Caller holds process. */
struct thread *process_thread(const struct process *process, uint32_t tid);

/* The ticks of user time of all its threads. Caller holds process. */
uint32_t process_user_ticks(const struct process *process);

/* One more tick of user time, for ps and times(). Any context. */
static inline void process_charge_tick(struct process *process)
{
	process->user_ticks++;
}

/* The status word of wait(): exit status and signal. */
#define PROCESS_STATUS_EXITED(code)      (((code)&0xff) << 8)
#define PROCESS_STATUS_SIGNALLED(signal) (signal)
#define PROCESS_STATUS_SIGNAL(status)    ((status)&0x7f)

/* Starts the first process: /bin/init. 0, or a negative errno value. At boot. */
int process_start_init(void);

/*
 * Starts the program /bin/`name` as a child of init, with init's files: a dynamic process (Section
 * 3.2.1), referenced by a message. 0 with a reference for the caller, or a negative errno value.
 * Caller holds programs.
 */
int process_start_dynamic(const char *name, struct process **result);

/* System calls (include/castle/calls.h). Caller holds nothing; may block. */
int32_t sys_getpid(void);
int32_t sys_getppid(void);
int32_t sys_exit(int32_t status);
int32_t sys_times(uint32_t times);
int32_t sys_spawn(uint32_t path, uint32_t argv,
		  uint32_t envp); /* fourth argument: the frame's ebp */
int32_t sys_fork(void);
int32_t sys_exec(uint32_t path, uint32_t argv, uint32_t envp);
int32_t sys_wait(int32_t pid, uint32_t status, uint32_t options);

#endif
