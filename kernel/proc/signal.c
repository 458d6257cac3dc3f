/*
 * Sending signals and deciding what becomes of them (POSIX.1-2017, section 2.4).
 */
#include "kernel/proc/signal.h"

#include <castle/errno.h>
#include "arch/ia32/reference.h"
#include "kernel/interrupt/supervisor.h"
#include "kernel/lib/print.h"
#include "kernel/lock/lock.h"
#include "kernel/mem/container.h"
#include "kernel/mem/user_copy.h"
#include "kernel/mem/package.h"
#include "kernel/proc/group.h"
#include "kernel/proc/process.h"
#include "kernel/proc/signal_actions.h"
#include "kernel/proc/thread.h"
#include "kernel/sched/wait_queue.h"

#define SIGNAL_BIT(signal) (1u << (signal))
#define UNBLOCKABLE        (SIGNAL_BIT(CASTLE_SIGKILL) | SIGNAL_BIT(CASTLE_SIGSTOP))

/* Signals whose default is to be ignored; stopping and continuing do nothing in Castle. */
#define DEFAULT_IGNORED                                                                         \
	(SIGNAL_BIT(CASTLE_SIGCHLD) | SIGNAL_BIT(CASTLE_SIGCONT) | SIGNAL_BIT(CASTLE_SIGSTOP) | \
	 SIGNAL_BIT(16 /* SIGURG */) | SIGNAL_BIT(18 /* SIGTSTP */) |                           \
	 SIGNAL_BIT(28 /* SIGWINCH */))

static bool signal_is_valid(uint32_t signal)
{
	return signal > 0 && signal < CASTLE_SIGNAL_COUNT;
}

static bool signal_has_handler(const struct process *process, uint32_t signal)
{
	return process->actions && process->actions->action[signal].handler > CASTLE_SIG_IGN;
}

static bool signal_is_ignored(const struct process *process, uint32_t signal)
{
	if (process->signals_ignored & SIGNAL_BIT(signal))
		return true;
	/* Nobody may end init by a signal that it is not prepared for. */
	if (process->pid == PROCESS_PID_INIT && !signal_has_handler(process, signal))
		return true;
	return !signal_has_handler(process, signal) && DEFAULT_IGNORED & SIGNAL_BIT(signal);
}

/* A thread that takes the signal now; NULL if all block it. */
static struct thread *signal_choose_thread(struct process *process, uint32_t signal)
{
	struct list *node;

	list_for_each (node, &process->threads) {
		struct thread *thread = list_entry(node, struct thread, siblings);
		if (!(thread->signal_mask & SIGNAL_BIT(signal)))
			return thread;
	}
	return NULL;
}

/* Marks the signal pending; a waiting thread's call ends early for it. */
static void signal_make_pending(struct thread *thread, uint32_t signal)
{
	lock_acquire(blocking, &blocking_lock);
	bits_set(&thread->signal_pending, SIGNAL_BIT(signal));
	if (!(thread->signal_mask & SIGNAL_BIT(signal)))
		thread_interrupt(thread);
	lock_release(blocking, &blocking_lock);
}

/* False if the process will never know of it. */
static bool signal_has_effect(const struct process *process, uint32_t signal)
{
	return !process->ending &&
	       (signal == CASTLE_SIGKILL || !signal_is_ignored(process, signal));
}

/* One that nothing can stop any more ends the process. False if it is for a thread to take. */
static bool signal_is_deadly(struct process *process, uint32_t signal)
{
	return signal == CASTLE_SIGKILL || !signal_has_handler(process, signal);
}

/*
 * A signal that every thread blocks belongs to the process until a thread lets it through, by a new
 * mask or on return from a handler: signal_mask_set().
 */
void signal_send(struct process *process, uint32_t signal)
{
	struct thread *thread;

	assert_held(process);
	if (!signal_has_effect(process, signal))
		return;
	thread = signal_choose_thread(process, signal);
	if (signal == CASTLE_SIGKILL || (thread && signal_is_deadly(process, signal))) {
		process_end(process, PROCESS_STATUS_SIGNALLED(signal));
	} else if (thread) {
		thread->signal_shared |= SIGNAL_BIT(signal);
		signal_make_pending(thread, signal);
	} else {
		process->signals_pending |= SIGNAL_BIT(signal);
	}
}

void signal_send_thread(struct thread *thread, uint32_t signal)
{
	struct process *process = thread->process;
	const bool blocked = thread->signal_mask & SIGNAL_BIT(signal);

	assert_held(process);
	if (!signal_has_effect(process, signal))
		return;
	if (signal == CASTLE_SIGKILL || (!blocked && signal_is_deadly(process, signal)))
		process_end(process, PROCESS_STATUS_SIGNALLED(signal));
	else
		signal_make_pending(thread, signal);
}

void signal_cancel(struct thread *thread, uint32_t signal)
{
	assert_held(process);
	thread->signal_pending &= ~SIGNAL_BIT(signal);
}

void signal_fault(struct thread *thread, uint32_t signal, const char *reason, uint32_t address)
{
	struct process *process = thread->process;

	assert_held(process);
	if (process->ending)
		return;
	if (signal_has_handler(process, signal) && !(thread->signal_mask & SIGNAL_BIT(signal))) {
		signal_make_pending(thread, signal);
		return;
	}
	kprintf("%s[%d]: %s at address %08x, instruction at %08x\n",
		process->container->package->name, process->pid, reason, address,
		thread->frame.eip);
	process_end(process, PROCESS_STATUS_SIGNALLED(signal));
}

void signals_send(struct process *process, uint32_t signals)
{
	assert_held(process);
	for (; signals; signals &= signals - 1)
		signal_send(process, __builtin_ctz(signals));
}

void signal_mask_set(struct thread *thread, uint32_t mask)
{
	struct process *process = thread->process;
	uint32_t claimed, returned;

	assert_held(process);
	thread->signal_mask = mask & ~UNBLOCKABLE;
	claimed = process->signals_pending & ~thread->signal_mask;
	process->signals_pending &= ~claimed;
	thread->signal_pending |= claimed;
	thread->signal_shared |= claimed;
	returned = thread->signal_pending & thread->signal_shared & thread->signal_mask;
	thread->signal_pending &= ~returned;
	thread->signal_shared &= ~returned;
	signals_send(process, returned);
	if (thread_deliverable(thread))
		exit_work_set(EXIT_WORK_USER_SIGNAL);
}

/* Takes one signal; true if there may be another one to take. */
static bool signal_deliver_one(struct thread *thread)
{
	const uint32_t deliverable = thread_deliverable(thread);
	struct process *process = thread->process;
	uint32_t signal;

	if (!deliverable)
		return false;
	signal = __builtin_ctz(deliverable);
	thread->signal_pending &= ~SIGNAL_BIT(signal);
	thread->signal_shared &= ~SIGNAL_BIT(signal);
	if (signal_is_ignored(process, signal))
		return true;
	if (signal_has_handler(process, signal) && signal_frame_push(thread, signal) == 0)
		return true;
	process_end(process, PROCESS_STATUS_SIGNALLED(signal));
	return false;
}

/*
 * sigsuspend() ends when a handler has run. A signal that came to be ignored before it was taken
 * does not end it: the thread waits on, with the mask that it waits with.
 */
static int32_t suspension_interrupted(struct thread *thread)
{
	(void)thread;
	return -EINTR;
}

bool signal_deliver_pending(void)
{
	struct thread *thread = current_thread;

	assert_held(process);
	exit_work_clear(EXIT_WORK_USER_SIGNAL);
	while (!thread_is_dying(thread) && signal_deliver_one(thread))
		;
	if (thread_is_dying(thread))
		return false;
	if (thread->suspended)
		wait_queue_block(NULL, suspension_interrupted);
	return true;
}

/* What group kill() means by a number that is no pid. */
static int32_t group_named(int32_t pid)
{
	if (pid == -1)
		return GROUP_ALL;
	return pid ? (int32_t) - (uint32_t)pid : current_process()->group;
}

int32_t sys_kill(int32_t pid, uint32_t signal)
{
	struct process *process;
	int error = 0;

	if (signal >= CASTLE_SIGNAL_COUNT)
		return -EINVAL;
	if (pid <= 0)
		return group_signal(group_named(pid), signal);
	process = process_find(pid);
	if (!process)
		return -ESRCH;
	if (process->pid == PROCESS_PID_INIT && signal == CASTLE_SIGKILL)
		error = -EPERM;
	else if (signal != 0)
		signal_send(process, signal);
	process_release(process);
	return error;
}

/* Threads of other processes have no names here. */
int32_t sys_thread_kill(uint32_t tid, uint32_t signal)
{
	struct list *node;

	if (signal >= CASTLE_SIGNAL_COUNT)
		return -EINVAL;
	list_for_each (node, &current_process()->threads) {
		struct thread *thread = list_entry(node, struct thread, siblings);
		if (thread->tid != tid)
			continue;
		if (signal != 0)
			signal_send_thread(thread, signal);
		return 0;
	}
	return -ESRCH;
}

int32_t sys_sigaction(uint32_t signal, uint32_t action, uint32_t old_action)
{
	struct process *process = current_process();
	struct castle_sigaction old = { .handler = CASTLE_SIG_DFL }, new;
	int error;

	if (!signal_is_valid(signal))
		return -EINVAL;
	if (process->actions)
		old = process->actions->action[signal];
	else if (process->signals_ignored & SIGNAL_BIT(signal))
		old.handler = CASTLE_SIG_IGN;
	if (action) {
		error = copy_from_user(&new, action, sizeof new);
		if (error)
			return error;
		if (UNBLOCKABLE & SIGNAL_BIT(signal))
			return -EINVAL;
		error = signal_action_set(process, signal, &new);
		if (error)
			return error;
	}
	return old_action ? copy_to_user(old_action, &old, sizeof old) : 0;
}

int32_t sys_sigprocmask(uint32_t how, uint32_t set, uint32_t old_set)
{
	struct thread *thread = current_thread;
	const uint32_t old = thread->signal_mask;
	uint32_t mask;

	if (old_set && copy_to_user(old_set, &old, sizeof old) != 0)
		return -EFAULT;
	if (!set)
		return 0;
	if (copy_from_user(&mask, set, sizeof mask) != 0)
		return -EFAULT;
	if (how == CASTLE_SIG_BLOCK)
		mask |= old;
	else if (how == CASTLE_SIG_UNBLOCK)
		mask = old & ~mask;
	else if (how != CASTLE_SIG_SETMASK)
		return -EINVAL;
	signal_mask_set(thread, mask);
	return 0;
}

int32_t sys_sigsuspend(uint32_t mask)
{
	struct thread *thread = current_thread;

	thread->saved_mask = thread->signal_mask;
	thread->suspended = true;
	signal_mask_set(thread, mask);
	return wait_queue_block(NULL, suspension_interrupted);
}
