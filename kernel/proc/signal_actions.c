/*
 * Signal handlers: their table, the frame pushed for one, and the way back.
 */
#include "kernel/proc/signal_actions.h"

#include <castle/errno.h>
#include "arch/ia32/cpu.h"
#include "arch/ia32/fpu.h"
#include "arch/ia32/fpu_image.h"
#include "arch/ia32/segments.h"
#include "kernel/interrupt/supervisor.h"
#include "kernel/lib/string.h"
#include "kernel/lock/domain.h"
#include "kernel/mem/slab.h"
#include "kernel/mem/user_copy.h"
#include "kernel/proc/limit.h"
#include "kernel/proc/process.h"
#include "kernel/proc/process_timer.h"
#include "kernel/proc/signal.h"
#include "kernel/proc/signal_internal.h"
#include "kernel/proc/signal_queue.h"

/* Bytes below the stack pointer that a function may use without moving it, at the most. */
#define RED_ZONE 128u

static struct slab_cache actions_cache GUARDED_BY(slabs);

void signal_init_cache(void)
{
	slab_cache_init(&actions_cache, "signal", sizeof(struct signal_actions), sizeof(void *));
	signal_queue_init_cache();
	process_timer_init_cache();
	limit_init_cache();
}

_Static_assert(sizeof(struct trap_frame) == sizeof(struct castle_registers), "not the ABI's frame");

static int signal_actions_create(struct process *process)
{
	process->actions = slab_alloc(&actions_cache);
	if (!process->actions)
		return -ENOMEM;
	memset(process->actions, 0, sizeof *process->actions);
	for (uint32_t signal = 1; signal < CASTLE_SIGNAL_COUNT; signal++)
		if (signal_is_set_to_ignored(process, signal))
			process->actions->action[signal].handler = CASTLE_SIG_IGN;
	return 0;
}

int signal_action_set(struct process *process, uint32_t signal,
		      const struct castle_sigaction *action)
{
	uint32_t *ignored =
		signal < CASTLE_SIGRTMIN ? &process->signals_ignored : &process->realtime_ignored;

	assert_held(process);
	if (!process->actions && action->handler > CASTLE_SIG_IGN) {
		const int error = signal_actions_create(process);
		if (error)
			return error;
	}
	if (process->actions)
		process->actions->action[signal] = *action;
	if (action->handler == CASTLE_SIG_IGN)
		*ignored |= SIGNAL_BIT(signal);
	else
		*ignored &= ~SIGNAL_BIT(signal);
	return 0;
}

int signal_actions_copy(struct process *to, const struct process *from)
{
	assert_held(process);
	to->signals_ignored = from->signals_ignored;
	to->realtime_ignored = from->realtime_ignored;
	if (!from->actions)
		return 0;
	to->actions = slab_alloc(&actions_cache);
	if (!to->actions)
		return -ENOMEM;
	*to->actions = *from->actions;
	return 0;
}

void signal_actions_reset(struct process *process)
{
	if (process->actions)
		slab_free(&actions_cache, process->actions);
	process->actions = NULL;
}

/* Below the red zone that some compilers use, or on the stack that the thread has for handlers. */
static uint32_t stack_for(const struct thread *thread, const struct castle_sigaction *action)
{
	if (action->flags & CASTLE_SA_ONSTACK && thread->signal_stack_size &&
	    !signal_stack_in_use(thread))
		return thread->signal_stack + thread->signal_stack_size;
	return thread->frame.esp - RED_ZONE;
}

/* The masks that the handler runs with, in place of those that the frame has. */
static void mask_for(struct thread *thread, const struct castle_sigaction *action, uint32_t signal)
{
	uint32_t mask = thread->signal_mask | action->mask;
	uint32_t realtime = thread->realtime_mask | action->realtime;

	if (signal < CASTLE_SIGRTMIN)
		mask |= SIGNAL_BIT(signal);
	else
		realtime |= SIGNAL_BIT(signal);
	signal_masks_set(thread, mask, realtime);
}

int signal_frame_push(struct thread *thread, uint32_t signal, const struct castle_signal_info *told)
{
	const struct castle_sigaction *action = &thread->process->actions->action[signal];
	const struct fpu_image *fpu = fpu_capture(thread);
	struct castle_signal_frame frame = {
		.restorer = action->restorer,
		.signal = signal,
		.mask = thread->suspended ? thread->saved_mask : thread->signal_mask,
		.realtime = thread->suspended ? thread->saved_realtime_mask : thread->realtime_mask,
		.info = *told,
	};
	const uint32_t size = sizeof frame + (fpu ? sizeof *fpu : 0);
	/* Aligned as at any function's entry. */
	const uint32_t stack = ((stack_for(thread, action) - size) & ~15u) - 4;

	assert_held(process);
	memcpy(&frame.registers, &thread->frame, sizeof frame.registers);
	frame.fpu = fpu ? stack + sizeof frame : 0;
	frame.registers.unused = 0; /* an address of the kernel's */
	if (copy_to_user(stack, &frame, sizeof frame) != 0)
		return -EFAULT;
	if (fpu && copy_to_user(stack + sizeof frame, fpu, sizeof *fpu) != 0)
		return -EFAULT;
	fpu_reset(thread);
	thread->suspended = false;
	mask_for(thread, action, signal);
	thread->frame.esp = stack;
	thread->frame.eip = action->handler;
	thread->frame.eflags = EFLAGS_FIXED | EFLAGS_IF;
	return 0;
}

/* The frame was the program's to change: only what it may set for itself is believed. */
static void frame_sanitise(struct trap_frame *registers)
{
	registers->pusha_esp = 0;
	registers->cs = SEGMENT_USER_CODE;
	registers->ss = SEGMENT_USER_DATA;
	registers->eflags = (registers->eflags & EFLAGS_USER) | EFLAGS_FIXED | EFLAGS_IF;
}

static int frame_restore_fpu(struct thread *thread, uint32_t image_address)
{
	struct fpu_image image;

	if (copy_from_user(&image, image_address, sizeof image) != 0)
		return -EFAULT;
	return fpu_restore(thread, &image) ? 0 : -ENOMEM;
}

static int frame_restore(struct thread *thread, uint32_t start)
{
	struct castle_signal_frame frame;
	int error = copy_from_user(&frame, start, sizeof frame);

	if (!error && frame.fpu)
		error = frame_restore_fpu(thread, frame.fpu);
	else if (!error)
		fpu_reset(thread); /* it had none before the handler */
	if (error)
		return error;
	memcpy(&thread->frame, &frame.registers, sizeof thread->frame);
	frame_sanitise(&thread->frame);
	signal_masks_set(thread, frame.mask, frame.realtime);
	return 0;
}

/* The handler has returned: its `ret` took the restorer off, the stack now starts at the number. */
int32_t sys_sigreturn(void)
{
	struct thread *thread = current_thread;
	const uint32_t start = thread->frame.esp - offsetof(struct castle_signal_frame, signal);

	if (frame_restore(thread, start) != 0) {
		signal_fault(thread, CASTLE_SIGSEGV, "sigreturn without a signal frame", start);
		return -EFAULT;
	}
	/* All registers change, so the quick way back of sysenter will not do. */
	exit_work_set(EXIT_WORK_USER_SIGNAL);
	return thread->frame.eax;
}
