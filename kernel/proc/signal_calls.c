/*
 * What a program says of its signals: handlers, masks, stacks for handlers; and waiting for them
 * (POSIX.1-2017, section 2.4, sigaction(), sigsuspend(), sigtimedwait(), sigaltstack()).
 */
#include <castle/errno.h>
#include "kernel/mem/user_copy.h"
#include "kernel/proc/process.h"
#include "kernel/proc/signal.h"
#include "kernel/proc/signal_actions.h"
#include "kernel/proc/signal_internal.h"
#include "kernel/proc/signal_queue.h"
#include "kernel/sched/wait_queue.h"
#include "kernel/time/clock.h"

#define UNBLOCKABLE (SIGNAL_BIT(CASTLE_SIGKILL) | SIGNAL_BIT(CASTLE_SIGSTOP))

/* Not a signal of its own, so its bit is not the program's to see. */
#define REALTIME_BIT SIGNAL_BIT(CASTLE_SIGREALTIME)

int32_t sys_sigaction(uint32_t signal, uint32_t action, uint32_t old_action)
{
	struct process *process = current_process();
	struct castle_sigaction old = { .handler = CASTLE_SIG_DFL }, new;
	int error;

	if (!signal_is_valid(signal))
		return -EINVAL;
	if (process->actions)
		old = process->actions->action[signal];
	else if (signal_is_set_to_ignored(process, signal))
		old.handler = CASTLE_SIG_IGN;
	if (action) {
		error = copy_from_user(&new, action, sizeof new);
		if (error)
			return error;
		if (signal < CASTLE_SIGRTMIN && UNBLOCKABLE & SIGNAL_BIT(signal))
			return -EINVAL;
		error = signal_action_set(process, signal, &new);
		if (error)
			return error;
	}
	return old_action ? copy_to_user(old_action, &old, sizeof old) : 0;
}

/* The new mask, by what sigprocmask() calls `how`; false: there is no such way. */
static bool mask_combine(uint32_t how, uint32_t old, uint32_t set, uint32_t *mask)
{
	if (how == CASTLE_SIG_BLOCK)
		*mask = old | set;
	else if (how == CASTLE_SIG_UNBLOCK)
		*mask = old & ~set;
	else
		*mask = set;
	return how <= CASTLE_SIG_UNBLOCK;
}

/* The first word of the mask alone. */
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
	if (!mask_combine(how, old, mask, &mask))
		return -EINVAL;
	signal_mask_set(thread, mask);
	return 0;
}

int32_t sys_sigmask(uint32_t how, uint32_t set, uint32_t old_set)
{
	struct thread *thread = current_thread;
	const struct castle_signal_set old = { thread->signal_mask, thread->realtime_mask };
	struct castle_signal_set new, mask;

	if (old_set && copy_to_user(old_set, &old, sizeof old) != 0)
		return -EFAULT;
	if (!set)
		return 0;
	if (copy_from_user(&new, set, sizeof new) != 0)
		return -EFAULT;
	if (!mask_combine(how, old.low, new.low, &mask.low) ||
	    !mask_combine(how, old.realtime, new.realtime, &mask.realtime))
		return -EINVAL;
	signal_masks_set(thread, mask.low, mask.realtime);
	return 0;
}

/*
 * sigsuspend() ends when a handler has run. A signal that came to be ignored before it was taken
 * does not end it: the thread waits on, with the mask that it waits with.
 */
int32_t signal_suspension_interrupted(struct thread *thread)
{
	(void)thread;
	return -EINTR;
}

int32_t sys_sigsuspend(uint32_t mask, uint32_t realtime)
{
	struct thread *thread = current_thread;

	thread->saved_mask = thread->signal_mask;
	thread->saved_realtime_mask = thread->realtime_mask;
	thread->suspended = true;
	signal_masks_set(thread, mask, realtime);
	return wait_queue_block(NULL, signal_suspension_interrupted);
}

/* Signals up to 31 that are pending for the thread, or for its process as all block them. */
static uint32_t pending_low(const struct thread *thread)
{
	const uint32_t pending = thread->signal_pending | thread->process->signals_pending;

	return pending & ~(REALTIME_BIT | THREAD_STOPPING | THREAD_DYING);
}

int32_t sys_sigpending(uint32_t set)
{
	const struct thread *thread = current_thread;
	const struct castle_signal_set pending = {
		.low = pending_low(thread) & thread->signal_mask,
		.realtime = signal_queue_set(thread) & ~signal_realtime_open(thread),
	};

	return copy_to_user(set, &pending, sizeof pending);
}

/* Takes one signal of the set; 0: there is none. */
static uint32_t take_from(struct thread *thread, const struct castle_signal_set *set,
			  struct castle_signal_info *told)
{
	const uint32_t low = pending_low(thread) & set->low;
	uint32_t signal;

	if (low) {
		signal = __builtin_ctz(low);
		thread->signal_pending &= ~SIGNAL_BIT(signal);
		thread->signal_shared &= ~SIGNAL_BIT(signal);
		thread->process->signals_pending &= ~SIGNAL_BIT(signal);
	} else {
		signal = signal_queue_lowest(thread, set->realtime);
	}
	if (signal)
		signal_queue_take(thread, signal, told);
	return signal;
}

static int32_t take_for_user(struct thread *thread, const struct castle_signal_set *set,
			     uint32_t place)
{
	struct castle_signal_info told;
	const uint32_t signal = take_from(thread, set, &told);

	if (!signal)
		return -EAGAIN;
	return place && copy_to_user(place, &told, sizeof told) != 0 ? -EFAULT : (int32_t)signal;
}

/*
 * What came while it waited is the thread's; what else came with it is the process's again. The
 * wait ends by its time, or by a signal, one of the set or not.
 */
static int32_t wait_over(struct thread *thread)
{
	const struct castle_signal_set set = thread->waited;
	const bool timed_out = thread->woken == WAKE_TIMED_OUT;
	int32_t result;

	process_lock(thread->process);
	thread->waited = (struct castle_signal_set){ 0, 0 };
	result = take_for_user(thread, &set, thread->wait_word);
	signal_masks_set(thread, thread->signal_mask, thread->realtime_mask);
	process_unlock(thread->process);
	if (result == -EAGAIN && !timed_out)
		result = -EINTR;
	return result;
}

int32_t sys_sigtimedwait(uint32_t set, uint32_t told, uint32_t timeout)
{
	struct thread *thread = current_thread;
	struct castle_signal_set waited;
	uint32_t ticks = 0;
	int32_t result = copy_from_user(&waited, set, sizeof waited);

	if (!result && timeout)
		result = ticks_from_user(timeout, &ticks);
	if (result)
		return result;
	waited.low &= ~(UNBLOCKABLE | REALTIME_BIT);
	result = take_for_user(thread, &waited, told);
	if (result != -EAGAIN || (timeout && ticks == 0))
		return result;
	if (thread_interrupting(thread))
		return -EINTR;
	thread->waited = waited;
	thread->wait_word = told;
	if (timeout)
		return wait_queue_block_for(NULL, ticks, wait_over);
	return wait_queue_block(NULL, wait_over);
}

bool signal_stack_in_use(const struct thread *thread)
{
	return thread->frame.esp - thread->signal_stack < thread->signal_stack_size;
}

static struct castle_stack stack_of(const struct thread *thread)
{
	struct castle_stack stack = { .base = thread->signal_stack,
				      .size = thread->signal_stack_size };

	if (!stack.size)
		stack.flags = CASTLE_SS_DISABLE;
	else if (signal_stack_in_use(thread))
		stack.flags = CASTLE_SS_ONSTACK;
	return stack;
}

static int stack_set(struct thread *thread, const struct castle_stack *new)
{
	if (signal_stack_in_use(thread))
		return -EPERM;
	if (new->flags & ~(uint32_t)CASTLE_SS_DISABLE)
		return -EINVAL;
	if (!new->flags &&new->size < CASTLE_MINSIGSTKSZ)
		return -ENOMEM;
	thread->signal_stack = new->flags ? 0 : new->base;
	thread->signal_stack_size = new->flags ? 0 : new->size;
	return 0;
}

/* A thread's own alone. */
int32_t sys_sigaltstack(uint32_t new, uint32_t old)
{
	struct thread *thread = current_thread;
	const struct castle_stack before = stack_of(thread);
	struct castle_stack stack;
	int error = 0;

	if (new)
		error = copy_from_user(&stack, new, sizeof stack);
	if (!error && new)
		error = stack_set(thread, &stack);
	if (error)
		return error;
	return old ? copy_to_user(old, &before, sizeof before) : 0;
}
