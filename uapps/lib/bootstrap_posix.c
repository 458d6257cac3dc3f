/*
 * What POSIX has of signals and the thesis has not, for a program on the application kernel: masks
 * of two words, signals that bring a value, stacks for handlers.
 */
#include "bootstrap_native.h"
#include "signal_internal.h"

#define STACK_ALIGN 16u

void bootstrap_set_masks(uint32_t mask, uint32_t realtime)
{
	const struct castle_signal_set set = { mask, realtime };

	castle_call3(CASTLE_CALL_sigmask, CASTLE_SIG_SETMASK, address(&set), 0);
}

struct castle_signal_set bootstrap_mask(void)
{
	struct castle_signal_set set = { 0, 0 };

	castle_call3(CASTLE_CALL_sigmask, CASTLE_SIG_BLOCK, 0, address(&set));
	return set;
}

struct castle_stack bootstrap_signal_stack(void)
{
	struct castle_stack stack;

	castle_call2(CASTLE_CALL_sigaltstack, 0, address(&stack));
	return stack;
}

void bootstrap_send_signal(uint32_t signal, uint32_t value)
{
	const int32_t pid = castle_call0(CASTLE_CALL_getpid);

	if (signal >= CASTLE_SIGRTMIN)
		castle_call3(CASTLE_CALL_sigqueue, pid, signal, value);
	else
		castle_call2(CASTLE_CALL_kill, pid, signal);
}

uint32_t bootstrap_waiting_signal(const struct bootstrap *b)
{
	const uint32_t signal = __builtin_ctz(b->area.signals);

	return signal == CASTLE_SIGREALTIME ? b->head.realtime : signal;
}

/* The masks for a handler: what was blocked before, what its action says, the signal itself. */
struct castle_signal_set bootstrap_masks_for(const struct castle_sigaction *action, uint32_t signal,
					     uint32_t mask, uint32_t realtime)
{
	struct castle_signal_set set = { mask | action->mask, realtime | action->realtime };

	if (signal < CASTLE_SIGRTMIN)
		set.low |= 1u << signal;
	else
		set.realtime |= 1u << (signal - CASTLE_SIGRTMIN);
	return set;
}

/* True, with the end of it in *end, if the handler wants the other stack, and `esp` is not in it.
 */
bool bootstrap_wants_other_stack(const struct castle_sigaction *action, uint32_t esp, uint32_t *end)
{
	struct castle_stack stack;

	if (!(action->flags & CASTLE_SA_ONSTACK))
		return false;
	stack = bootstrap_signal_stack();
	*end = stack.base + stack.size;
	return stack.size && esp - stack.base >= stack.size;
}

/* Calls handler(arguments), on another stack whose end this is. */
static void call_on_stack(uint32_t end, uint32_t handler, const struct signal_arguments *arguments)
{
	struct signal_arguments *copy = (void *)(uintptr_t)((end - sizeof *copy) & -STACK_ALIGN);

	*copy = *arguments;
	__asm__ volatile("mov %%esp, %%ebx\n\t"
			 "mov %1, %%esp\n\t"
			 "call *%0\n\t"
			 "mov %%ebx, %%esp"
			 :
			 : "r"(handler), "r"(copy)
			 : "eax", "ebx", "ecx", "edx", "memory", "cc");
}

/* The signal came to a thread of the program: its handler runs at once. */
void bootstrap_run_handler(const struct castle_sigaction *programs,
			   const struct signal_frame *frame)
{
	const struct castle_sigaction action = *programs;
	const struct castle_signal_set set =
		bootstrap_masks_for(&action, frame->signal, frame->mask, frame->realtime);
	struct signal_arguments arguments;
	uint32_t end;

	bootstrap_set_masks(set.low, set.realtime);
	__builtin_memcpy(&arguments, &frame->signal, sizeof arguments);
	if (action.handler <= CASTLE_SIG_IGN)
		bootstrap_send_signal(frame->signal, frame->info.value);
	else if (bootstrap_wants_other_stack(&action, frame->esp, &end))
		call_on_stack(end, action.handler, &arguments);
	else
		((void (*)(struct signal_arguments))(uintptr_t)action.handler)(arguments);
}

/* Whether the stack is in use, the application thread's stack pointer tells. */
uint32_t bootstrap_call_sigaltstack(struct bootstrap *b)
{
	const struct castle_stack stack = bootstrap_signal_stack();
	struct castle_stack *old = (void *)(uintptr_t)b->area.u.syscall.arg2;
	bool in_use;

	bootstrap_get_registers(b, CASTLE_APKERN_GENERAL);
	in_use = b->registers.esp - stack.base < stack.size;
	if (in_use && b->area.u.syscall.arg1) {
		b->area.u.syscall.ret = -EPERM;
		return CASTLE_APKERN_THREAD_ACTIVATE;
	}
	bootstrap_perform();
	if (in_use && !b->restart && b->area.u.syscall.ret == 0 && old)
		old->flags = CASTLE_SS_ONSTACK;
	return CASTLE_APKERN_THREAD_ACTIVATE;
}

/* The mask is set as by a call of the program's, so that a signal may come first. */
void bootstrap_perform_sigmask(struct bootstrap *b, const struct signal_frame *frame)
{
	const struct castle_signal_set set = { frame->mask, frame->realtime };

	b->area.u.syscall.nr = CASTLE_CALL_sigmask;
	b->area.u.syscall.arg1 = CASTLE_SIG_SETMASK;
	b->area.u.syscall.arg2 = address(&set);
	b->area.u.syscall.arg3 = 0;
	bootstrap_perform();
	b->area.u.syscall.nr = CASTLE_CALL_sigreturn;
}

void bootstrap_note_signal(struct bootstrap_head *head, const struct signal_frame *frame)
{
	head->old_mask = frame->mask;
	head->old_realtime = frame->realtime;
	head->info = frame->info;
	head->realtime = frame->signal;
	*head->signals |=
		1u << (frame->signal < CASTLE_SIGRTMIN ? frame->signal : CASTLE_SIGREALTIME);
}
