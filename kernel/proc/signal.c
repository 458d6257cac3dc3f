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
#include "kernel/mem/package.h"
#include "kernel/proc/group.h"
#include "kernel/proc/process.h"
#include "kernel/proc/signal_actions.h"
#include "kernel/proc/signal_internal.h"
#include "kernel/proc/signal_queue.h"
#include "kernel/proc/stop.h"
#include "kernel/proc/thread.h"
#include "kernel/sched/wait_queue.h"

#define UNBLOCKABLE (SIGNAL_BIT(CASTLE_SIGKILL) | SIGNAL_BIT(CASTLE_SIGSTOP) | THREAD_STOPPING)

/* Signals whose default is to be ignored; that SIGCONT continues the process is another matter. */
#define DEFAULT_IGNORED                                                                          \
	(SIGNAL_BIT(CASTLE_SIGCHLD) | SIGNAL_BIT(CASTLE_SIGCONT) | SIGNAL_BIT(16 /* SIGURG */) | \
	 SIGNAL_BIT(28 /* SIGWINCH */))

static bool signal_has_handler(const struct process *process, uint32_t signal)
{
	return process->actions && process->actions->action[signal].handler > CASTLE_SIG_IGN;
}

/* Of signals that are ignored unless there is a handler. */
static bool signal_is_default_ignored(uint32_t signal)
{
	return signal < CASTLE_SIGRTMIN && DEFAULT_IGNORED & SIGNAL_BIT(signal);
}

static bool signal_is_ignored(const struct process *process, uint32_t signal)
{
	if (signal_is_set_to_ignored(process, signal))
		return true;
	/* Nobody may end init by a signal that it is not prepared for. */
	if (process->pid == PROCESS_PID_INIT && !signal_has_handler(process, signal))
		return true;
	return !signal_has_handler(process, signal) && signal_is_default_ignored(signal);
}

static struct thread *find_thread(struct process *process, uint32_t signal,
				  bool (*is)(const struct thread *thread, uint32_t signal),
				  bool wanted)
{
	struct list *node;

	list_for_each (node, &process->threads) {
		struct thread *thread = list_entry(node, struct thread, siblings);
		if (is(thread, signal) == wanted)
			return thread;
	}
	return NULL;
}

struct thread *signal_choose_thread(struct process *process, uint32_t signal)
{
	struct thread *thread = find_thread(process, signal, signal_is_blocked, false);

	assert_held(process);
	return thread ? thread : find_thread(process, signal, signal_is_waited, true);
}

void signal_make_pending(struct thread *thread, uint32_t signal)
{
	const bool blocked = signal_is_blocked(thread, signal);

	assert_held(process);
	lock_acquire(blocking, &blocking_lock);
	if (signal < CASTLE_SIGRTMIN)
		bits_set(&thread->signal_pending, SIGNAL_BIT(signal));
	else if (!blocked)
		bits_set(&thread->signal_pending, SIGNAL_BIT(CASTLE_SIGREALTIME));
	if (!blocked || signal_is_waited(thread, signal))
		thread_interrupt(thread);
	lock_release(blocking, &blocking_lock);
}

/*
 * False if nobody will ever know of it. A signal that is ignored stays pending as long as it is
 * blocked: sigwait() may want it.
 */
static bool signal_has_effect(struct process *process, struct thread *thread, uint32_t signal)
{
	if (process->ending)
		return false;
	if (signal == CASTLE_SIGKILL || !signal_is_ignored(process, signal))
		return true;
	if (thread)
		return signal_is_blocked(thread, signal);
	return !find_thread(process, signal, signal_is_blocked, false);
}

/* What a signal does that has no handler and is not ignored. */
static void signal_act(struct process *process, uint32_t signal)
{
	if (signal < CASTLE_SIGRTMIN && STOP_SIGNALS & SIGNAL_BIT(signal))
		stop_process(process, signal);
	else
		process_end(process, PROCESS_STATUS_SIGNALLED(signal));
}

/*
 * True if the signal acts at once. Else it is for a thread to take: the handler's, or that of a
 * stopped process, which no signal but SIGKILL ends before it is continued, and none stops again.
 */
static bool signal_acts(const struct process *process, uint32_t signal)
{
	return signal == CASTLE_SIGKILL ||
	       (!signal_has_handler(process, signal) &&
		(!process->stop_signal ||
		 (signal < CASTLE_SIGRTMIN && STOP_SIGNALS & SIGNAL_BIT(signal))));
}

/* The signal is for `target`, or, if that is NULL, for whoever lets it through. */
static int signal_store(struct process *process, struct thread *target, bool shared,
			uint32_t signal, struct signal_info *info)
{
	struct signal_info nothing = { .signal = signal };
	int error = 0;

	if (info || signal >= CASTLE_SIGRTMIN)
		error = signal_queue_put(process, target, shared, info ? info : &nothing);
	if (error && signal >= CASTLE_SIGRTMIN)
		return error;
	if (!target) {
		if (signal < CASTLE_SIGRTMIN)
			process->signals_pending |= SIGNAL_BIT(signal);
		return 0;
	}
	if (shared && signal < CASTLE_SIGRTMIN)
		target->signal_shared |= SIGNAL_BIT(signal);
	signal_make_pending(target, signal);
	return 0;
}

/*
 * A signal that every thread blocks belongs to the process until a thread lets it through, by a new
 * mask or on return from a handler: signal_masks_set().
 */
int signal_send_told(struct process *process, struct thread *thread, uint32_t signal,
		     struct signal_info *info)
{
	struct thread *target = thread;

	assert_held(process);
	if (signal < CASTLE_SIGRTMIN && STOP_OR_CONTINUE & SIGNAL_BIT(signal))
		stop_signal_sent(process, signal);
	if (!signal_has_effect(process, thread, signal))
		return 0;
	if (!target)
		target = signal_choose_thread(process, signal);
	if (signal == CASTLE_SIGKILL ||
	    (target && !signal_is_blocked(target, signal) && signal_acts(process, signal))) {
		signal_act(process, signal);
		return 0;
	}
	return signal_store(process, target, !thread, signal, info);
}

void signal_send(struct process *process, uint32_t signal)
{
	assert_held(process);
	signal_send_told(process, NULL, signal, NULL);
}

void signal_post(struct process *process, uint32_t signal)
{
	process_lock(process);
	signal_send(process, signal);
	process_unlock(process);
}

void signal_send_thread(struct thread *thread, uint32_t signal)
{
	assert_held(process);
	signal_send_told(thread->process, thread, signal, NULL);
}

/* True if the parent has no handlers at all, and a thread that does not block the signal. */
static inline bool child_is_ignored(const struct process *parent)
{
	const struct thread *thread;

	if (parent->actions || list_empty(&parent->threads))
		return false;
	thread = list_entry(parent->threads.next, struct thread, siblings);
	return !(thread->signal_mask & SIGNAL_BIT(CASTLE_SIGCHLD));
}

/* Handlers alone want to know; a parent has none, as a rule. */
void signal_send_child(struct process *parent, int32_t pid, int32_t code, int32_t status)
{
	struct signal_info info;

	assert_held(process);
	if (child_is_ignored(parent))
		return;
	info = (struct signal_info){
		.signal = CASTLE_SIGCHLD,
		.told = { .code = code, .pid = pid, .status = status },
	};
	signal_send_told(parent, NULL, CASTLE_SIGCHLD, parent->actions ? &info : NULL);
}

void signal_cancel(struct thread *thread, uint32_t signal)
{
	assert_held(process);
	thread->signal_pending &= ~SIGNAL_BIT(signal);
}

void signal_fault(struct thread *thread, uint32_t signal, const char *reason, uint32_t address)
{
	struct process *process = thread->process;
	struct signal_info info = {
		.signal = signal,
		.told = { .code = CASTLE_FAULT_REASON, .value = address },
	};

	assert_held(process);
	if (process->ending)
		return;
	if (signal_has_handler(process, signal) && !signal_is_blocked(thread, signal)) {
		signal_store(process, thread, false, signal, &info);
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

void signal_masks_set(struct thread *thread, uint32_t mask, uint32_t realtime)
{
	struct process *process = thread->process;
	uint32_t claimed, returned;

	assert_held(process);
	thread->signal_mask = mask & ~UNBLOCKABLE;
	thread->realtime_mask = realtime;
	claimed = process->signals_pending & ~thread->signal_mask;
	process->signals_pending &= ~claimed;
	thread->signal_pending |= claimed;
	thread->signal_shared |= claimed;
	returned = thread->signal_pending & thread->signal_shared & thread->signal_mask;
	thread->signal_pending &= ~returned;
	thread->signal_shared &= ~returned;
	if (process->signal_queue)
		signal_queue_update(thread);
	signals_send(process, returned);
	if (thread_deliverable(thread))
		exit_work_set(EXIT_WORK_USER_SIGNAL);
}

void signal_mask_set(struct thread *thread, uint32_t mask)
{
	assert_held(process);
	signal_masks_set(thread, mask, thread->realtime_mask);
}

/*
 * The next one that the thread takes, no more pending, and what it is told of it; 0: none is left.
 */
static uint32_t signal_next(struct thread *thread, struct castle_signal_info *told)
{
	uint32_t signal = __builtin_ctz(thread_deliverable(thread));

	thread->signal_pending &= ~SIGNAL_BIT(signal);
	thread->signal_shared &= ~SIGNAL_BIT(signal);
	if (signal == CASTLE_SIGREALTIME)
		signal = signal_queue_lowest(thread, signal_realtime_open(thread));
	signal_queue_take(thread, signal, told);
	if (signal_queue_lowest(thread, signal_realtime_open(thread)))
		thread->signal_pending |= SIGNAL_BIT(CASTLE_SIGREALTIME);
	return signal;
}

/* Takes one signal; true if there may be another one to take. */
static bool signal_deliver_one(struct thread *thread)
{
	struct process *process = thread->process;
	struct castle_signal_info told;
	uint32_t signal;

	if (!thread_deliverable(thread))
		return false;
	signal = signal_next(thread, &told);
	if (!signal || signal_is_ignored(process, signal))
		return true;
	if (signal_has_handler(process, signal) && signal_frame_push(thread, signal, &told) == 0)
		return true;
	/* If the handler finds no place on the stack it is the end, whatever the default is. */
	if (signal_has_handler(process, signal))
		process_end(process, PROCESS_STATUS_SIGNALLED(signal));
	else
		signal_act(process, signal);
	return true;
}

/* It takes no signal any more, or none for now. */
static bool thread_is_leaving(const struct thread *thread)
{
	return thread->signal_pending & (THREAD_DYING | THREAD_STOPPING);
}

bool signal_deliver_pending(void)
{
	struct thread *thread = current_thread;

	assert_held(process);
	exit_work_clear(EXIT_WORK_USER_SIGNAL);
	while (!thread_is_leaving(thread) && signal_deliver_one(thread))
		;
	if (thread_is_dying(thread))
		return false;
	if (thread->signal_pending & THREAD_STOPPING)
		stop_thread();
	else if (thread->suspended)
		wait_queue_block(NULL, signal_suspension_interrupted);
	return true;
}

/* What group kill() means by a number that is no pid. */
static int32_t group_named(int32_t pid)
{
	if (pid == -1)
		return GROUP_ALL;
	return pid ? (int32_t) - (uint32_t)pid : current_process()->group;
}

/* To one process, with what it is told. */
static int32_t send_one(int32_t pid, uint32_t signal, int32_t code, uint32_t value)
{
	struct process *process = process_find(pid);
	struct signal_info info = {
		.signal = signal,
		.told = { .code = code, .pid = current_process()->pid, .value = value },
	};
	int error = 0;

	if (!process)
		return -ESRCH;
	if (process->pid == PROCESS_PID_INIT && signal == CASTLE_SIGKILL) {
		error = -EPERM;
	} else if (signal != 0) {
		process_lock(process);
		error = signal_send_told(process, NULL, signal, &info);
		process_unlock(process);
	}
	process_release(process);
	return error;
}

int32_t sys_kill(int32_t pid, uint32_t signal)
{
	if (signal != 0 && !signal_is_valid(signal))
		return -EINVAL;
	if (pid <= 0)
		return group_signal(group_named(pid), signal);
	return send_one(pid, signal, CASTLE_SI_USER, 0);
}

int32_t sys_sigqueue(int32_t pid, uint32_t signal, uint32_t value)
{
	if (signal != 0 && !signal_is_valid(signal))
		return -EINVAL;
	return pid > 0 ? send_one(pid, signal, CASTLE_SI_QUEUE, value) : -ESRCH;
}

/* Threads of other processes have no names here. */
int32_t sys_thread_kill(uint32_t tid, uint32_t signal)
{
	struct process *process = current_process();
	struct signal_info info = { .signal = signal, .told = { .pid = process->pid } };
	struct thread *thread;

	if (signal != 0 && !signal_is_valid(signal))
		return -EINVAL;
	thread = process_thread(process, tid);
	if (!thread)
		return -ESRCH;
	return signal ? signal_send_told(process, thread, signal, &info) : 0;
}
