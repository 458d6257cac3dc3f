/*
 * Signals of a program on the application kernel (the end of Section 4.3.4 of the thesis), and what
 * becomes of a thread that did something it may not. To the kernel, the handler of every signal
 * that the program handles is the relay: it runs in the bootstrap thread, which then makes its
 * application thread enter the program's handler, with the same frame that the kernel would have
 * pushed.
 *
 * After a relay all signals stay blocked in the bootstrap thread until the one that came has been
 * dealt with: so there is one at a time, and the next one finds the mask as the first handler has
 * it.
 */
#include "bootstrap.h"

#define RED_ZONE    128
#define STACK_ALIGN 16u

#define INT_SIZE      2 /* bytes of `int $0x80`, or any other */
#define SYSENTER_DONE 4 /* bytes of the stub of the kernel page before the kernel is entered, */
#define INT80_DONE    2 /* and where it uses int 0x80 */

#define OPCODE_INT3 0xcc
#define OPCODE_INTO 0xce

_Static_assert(sizeof(struct signal_frame) == sizeof(struct castle_signal_frame),
	       "not the kernel's frame");

/* The program's actions of the signals that the relay stands for; others are the kernel's. */
static struct castle_sigaction actions[CASTLE_SIGNAL_COUNT];

extern const char bootstrap_perform_begin[], bootstrap_perform_end[], bootstrap_perform_abort[];

/* Whether a forwarded call was interrupted in the kernel page's stub, before it was begun. */
static bool in_call_stub(const struct signal_frame *frame)
{
	const uint32_t done = castle_kernel_page()->sysenter ? SYSENTER_DONE : INT80_DONE;

	return frame->eip - CASTLE_CALL_ENTRY < done &&
	       *(const uint32_t *)(uintptr_t)frame->esp == address(bootstrap_perform_end);
}

/* A signal that comes before a forwarded call must be delivered before the call may wait. */
static void abort_call(struct signal_frame *frame)
{
	if (in_call_stub(frame))
		frame->esp += sizeof(uint32_t); /* the return address */
	else if (frame->eip - address(bootstrap_perform_begin) >=
		 (uint32_t)(bootstrap_perform_end - bootstrap_perform_begin))
		return;
	frame->eip = address(bootstrap_perform_abort);
}

__attribute__((used)) static void relay_signal(struct signal_frame *frame)
{
	struct bootstrap_head *head;

	__asm__("mov %%gs:0, %0" : "=r"(head));
	if (head->native) {
		if (frame->signal == CASTLE_SIGRECALL)
			bootstrap_recall(frame);
		else
			bootstrap_run_handler(&actions[frame->signal], frame);
		return;
	}
	bootstrap_note_signal(head, frame);
	frame->mask = ~0u;
	abort_call(frame);
}

/* The kernel enters here with a signal frame at the stack pointer and all signals blocked. */
__attribute__((naked)) static void relay(void)
{
	__asm__ volatile(
		"mov %%esp, %%eax\n\t"
		"sub $8, %%esp\n\t" /* aligned for a call with one argument */
		"push %%eax\n\t"
		"call %c[relay_signal]\n\t"
		"add $16, %%esp\n\t" /* with the restorer, which nobody needs */
		"mov %[sigreturn], %%eax\n\t"
		"int $0x80"
		:
		: [relay_signal] "i"(relay_signal), [sigreturn] "i"(CASTLE_CALL_sigreturn));
}

#define RELAY_MASK ~CASTLE_SIGNAL_NO_STOPS

static const struct castle_sigaction relay_action = { .handler = (uintptr_t)relay,
						      .mask = RELAY_MASK };

int32_t bootstrap_watch_recall(void)
{
	return castle_call3(CASTLE_CALL_sigaction, CASTLE_SIGRECALL, address(&relay_action), 0);
}

/* Tells the program its action, not the kernel's. -EFAULT if it has no place for it. */
static int32_t store_action(uint32_t place, const struct castle_sigaction *action)
{
	struct castle_sigaction *old = (void *)(uintptr_t)place;

	if (!bootstrap_can_write(address(&old->handler)) ||
	    !bootstrap_can_write(address(&old->flags)))
		return -EFAULT;
	*old = *action;
	return 0;
}

/* The kernel's part of sigaction(). */
static int32_t set_kernel_action(uint32_t signal, const struct castle_sigaction *action,
				 struct castle_sigaction *old)
{
	return castle_call3(CASTLE_CALL_sigaction, signal, address(action), address(old));
}

static bool is_relay(const struct castle_sigaction *action)
{
	return action->handler == (uintptr_t)relay;
}

/* The table first: the relay may come at once. */
static int32_t set_handler(uint32_t signal, const struct castle_sigaction *action,
			   struct castle_sigaction *old)
{
	const struct castle_sigaction before = actions[signal];
	const struct castle_sigaction kernels = {
		.handler = (uintptr_t)relay,
		.mask = RELAY_MASK | action->mask,
		.realtime = action->realtime,
	};
	int32_t result;

	actions[signal] = *action;
	result = set_kernel_action(signal, &kernels, old);
	if (result < 0)
		actions[signal] = before;
	else if (is_relay(old))
		*old = before;
	return result;
}

/* No handler from here on, or a mere question. A program without handlers touches no table. */
static int32_t set_no_handler(uint32_t signal, const struct castle_sigaction *action,
			      struct castle_sigaction *old)
{
	const int32_t result = set_kernel_action(signal, action, old);

	if (result < 0 || !is_relay(old))
		return result;
	*old = actions[signal];
	if (action)
		actions[signal] = *action;
	return 0;
}

int32_t bootstrap_sigaction(uint32_t signal, uint32_t action, uint32_t old_action)
{
	const struct castle_sigaction *place = (void *)(uintptr_t)action;
	struct castle_sigaction programs = { .handler = CASTLE_SIG_DFL }, old;
	int32_t result;

	if (action) {
		if (!bootstrap_can_read(address(&place->handler)) ||
		    !bootstrap_can_read(address(&place->flags)))
			return -EFAULT;
		programs = *place;
	}
	if (programs.handler > CASTLE_SIG_IGN && signal < CASTLE_SIGNAL_COUNT)
		result = set_handler(signal, &programs, &old);
	else
		result = set_no_handler(signal, action ? &programs : NULL, &old);
	return result < 0 || !old_action ? result : store_action(old_action, &old);
}

void bootstrap_registers_from_frame(struct castle_apkern_registers *registers,
				    const struct signal_frame *frame)
{
	registers->edi = frame->edi;
	registers->esi = frame->esi;
	registers->ebp = frame->ebp;
	registers->ebx = frame->ebx;
	registers->edx = frame->edx;
	registers->ecx = frame->ecx;
	registers->eax = frame->eax;
	registers->eip = frame->eip;
	registers->eflags = frame->eflags;
	registers->esp = frame->esp;
}

void bootstrap_registers_to_frame(const struct castle_apkern_registers *registers,
				  struct signal_frame *frame)
{
	*frame = (struct signal_frame){
		.edi = registers->edi,
		.esi = registers->esi,
		.ebp = registers->ebp,
		.ebx = registers->ebx,
		.edx = registers->edx,
		.ecx = registers->ecx,
		.eax = registers->eax,
		.eip = registers->eip,
		.eflags = registers->eflags,
		.esp = registers->esp,
	};
}

static void rewind_call(struct bootstrap *b)
{
	struct castle_apkern_registers *registers = &b->registers;

	registers->eax = b->area.u.syscall.nr;
	if (registers->eip == CASTLE_SYSENTER_RETURN)
		registers->eip = CASTLE_CALL_ENTRY;
	else
		registers->eip -= INT_SIZE;
}

/* Breakpoint and overflow are reported behind the instruction; it has one byte, or is an `int`. */
static void rewind_exception(struct bootstrap *b)
{
	const uint32_t vector = b->area.u.exception.vector;
	const uint8_t *next = (void *)(uintptr_t)b->registers.eip;

	if (vector == VECTOR_INT3)
		b->registers.eip -= next[-1] == OPCODE_INT3 ? 1 : INT_SIZE;
	else if (vector == VECTOR_INTO)
		b->registers.eip -= next[-1] == OPCODE_INTO ? 1 : INT_SIZE;
}

/* Makes b->registers those before what was forwarded, so that it happens again. */
static void rewind(struct bootstrap *b)
{
	if (b->area.nr == CASTLE_APKERN_SYSTEM_CALL)
		rewind_call(b);
	else if (b->area.nr == CASTLE_APKERN_EXCEPTION)
		rewind_exception(b);
}

/* The registers with which the application thread will go on where it is. */
static void read_registers(struct bootstrap *b)
{
	bootstrap_get_registers(b, CASTLE_APKERN_GENERAL | CASTLE_APKERN_FPU);
	if (b->restart)
		rewind(b);
	else if (b->area.nr == CASTLE_APKERN_SYSTEM_CALL)
		b->registers.eax = b->area.u.syscall.ret;
	b->restart = 0;
	b->area.nr = 0; /* done with the message, should there be another signal */
}

/* The process ends of a signal that the relay stands for. */
static __attribute__((noreturn)) void end_process(const struct bootstrap_head *head,
						  uint32_t signal)
{
	const struct castle_sigaction action = { .handler = CASTLE_SIG_DFL };

	castle_call3(CASTLE_CALL_sigaction, signal, address(&action), 0);
	bootstrap_send_signal(signal, head->info.value);
	bootstrap_set_masks(0, 0);
	for (;;)
		bootstrap_send_signal(CASTLE_SIGKILL, 0); /* if the default is to ignore it */
}

/* Pushes a frame as the kernel does: below the red zone, aligned as at any function's entry. */
static void enter_handler(struct bootstrap *b, const struct castle_sigaction *action,
			  uint32_t signal)
{
	struct castle_signal_set set;
	struct signal_frame *frame;
	uint32_t has_fpu, size, end;

	read_registers(b);
	has_fpu = b->registers.flags & CASTLE_APKERN_FPU ? 1 : 0;
	size = sizeof *frame + (has_fpu ? CASTLE_APKERN_FPU_SIZE : 0);
	if (!bootstrap_wants_other_stack(action, b->registers.esp, &end))
		end = b->registers.esp - RED_ZONE;
	frame = (void *)(uintptr_t)(((end - size) & -STACK_ALIGN) - sizeof(uint32_t));
	if (!bootstrap_can_write(address(frame)) || !bootstrap_can_write(address(frame) + size - 1))
		end_process(&b->head, signal);
	bootstrap_registers_to_frame(&b->registers, frame);
	if (has_fpu) {
		frame->fpu = address(frame + 1);
		__builtin_memcpy(frame + 1, b->registers.fpu, CASTLE_APKERN_FPU_SIZE);
		bootstrap_start_fpu(b->registers.fpu);
	}
	frame->restorer = action->restorer;
	frame->signal = signal;
	frame->mask = b->head.old_mask;
	frame->realtime = b->head.old_realtime;
	frame->info = b->head.info;
	b->registers.esp = address(frame);
	b->registers.eip = action->handler;
	b->registers.eflags = EFLAGS_START;
	bootstrap_set_registers(b);
	set = bootstrap_masks_for(action, signal, b->head.old_mask, b->head.old_realtime);
	b->head.old_mask = set.low;
	b->head.old_realtime = set.realtime;
}

/* Deals with the signal; then others may come again. */
static void deliver_signal(struct bootstrap *b)
{
	const uint32_t signal = bootstrap_waiting_signal(b);
	const struct castle_sigaction action = actions[signal];

	b->area.signals = 0; /* there is one at a time */
	if (signal == CASTLE_SIGRECALL && action.handler == CASTLE_SIG_DFL)
		end_process(&b->head,
			    signal); /* not from the driver: it sends it to native threads */
	if (action.handler <= CASTLE_SIG_IGN)
		bootstrap_send_signal(signal, b->head.info.value);
	else
		enter_handler(b, &action, signal);
	bootstrap_set_masks(b->head.old_mask, b->head.old_realtime);
}

uint32_t bootstrap_deliver_signals(struct bootstrap *b, uint32_t request)
{
	while (b->area.signals)
		deliver_signal(b);
	if (!b->restart)
		return request;
	/* No handler was entered, so the call is due after all: its message comes again. */
	b->restart = 0;
	b->area.bootstrap_has_msg = 1;
	return CASTLE_APKERN_WAIT;
}

void bootstrap_block_signals(struct bootstrap *b)
{
	const uint32_t all = ~0u;
	uint32_t mask;

	castle_call3(CASTLE_CALL_sigprocmask, CASTLE_SIG_SETMASK, address(&all), address(&mask));
	if (!b->area.signals) { /* otherwise the relay has noted it */
		b->head.old_mask = mask;
		b->head.old_realtime = bootstrap_mask().realtime;
	}
}

void bootstrap_restore_mask(const struct bootstrap *b)
{
	bootstrap_set_masks(b->head.old_mask, b->head.old_realtime);
}

void bootstrap_repeat_natively(struct bootstrap *b)
{
	bootstrap_get_registers(b, CASTLE_APKERN_GENERAL | CASTLE_APKERN_TLS | CASTLE_APKERN_FPU);
	rewind(b);
	bootstrap_become_native(b);
}

/*
 * Without a handler, the same happens again on the boot processor, where the kernel sees it and
 * ends the process; or, if it does not happen again, the thread stays there.
 */
uint32_t bootstrap_fault(struct bootstrap *b, uint32_t signal, uint32_t place)
{
	struct castle_sigaction action;

	bootstrap_block_signals(b);
	if (b->area.signals) { /* first things first */
		b->restart = 1;
		return CASTLE_APKERN_THREAD_ACTIVATE;
	}
	castle_call3(CASTLE_CALL_sigaction, signal, 0, address(&action));
	if (action.handler <= CASTLE_SIG_IGN || b->head.old_mask & 1u << signal)
		bootstrap_repeat_natively(b);
	b->area.signals = 1u << signal;
	b->head.info = (struct castle_signal_info){ .code = CASTLE_FAULT_REASON, .value = place };
	return CASTLE_APKERN_THREAD_ACTIVATE;
}
