/*
 * When a bootstrap thread takes its application thread's place and runs the program's code itself,
 * on the boot processor: for good, to end as a thread without the application kernel would; or for
 * a while, because the thread makes so many calls that forwarding them costs more than the
 * application processor gains. The driver says when (castle_apkern_area.migrate), and sends
 * SIGRECALL when the thread computes again.
 *
 * A thread that is native for a while has its block in struct __castle_thread, since it comes back.
 */
#include "bootstrap_native.h"

#include <cpuid.h>

static bool has_fxsave(void)
{
	unsigned eax, ebx, ecx, edx;

	return __get_cpuid(1, &eax, &ebx, &ecx, &edx) && edx & bit_FXSAVE;
}

/* fnsave leaves the unit empty: nobody will miss what was there. */
static void save_fpu(uint8_t *state)
{
	if (has_fxsave())
		__asm__ volatile("fxsave (%0)" : : "r"(state) : "memory");
	else
		__asm__ volatile("fnsave (%0)\n\tfwait" : : "r"(state) : "memory");
}

/* What finit and ldmxcsr of the default would leave, in the form that fxsave or fnsave writes. */
void bootstrap_start_fpu(uint8_t *state)
{
	static const uint32_t control = 0x037f, mxcsr = 0x1f80, all_empty = 0xffff;

	__builtin_memset(state, 0, CASTLE_APKERN_FPU_SIZE);
	__builtin_memcpy(state, &control, sizeof control);
	if (has_fxsave())
		__builtin_memcpy(state + 24, &mxcsr, sizeof mxcsr);
	else
		__builtin_memcpy(state + 8, &all_empty, sizeof all_empty);
}

/* Signals that have come are the native thread's to take. */
static void send_signals_again(struct bootstrap *b)
{
	if (b->area.signals)
		bootstrap_send_signal(bootstrap_waiting_signal(b), b->head.info.value);
	b->area.signals = 0;
}

/* With signals blocked. sigreturn() restores all other registers, and the mask. */
__attribute__((noreturn)) static void become_native(struct bootstrap *b)
{
	struct signal_frame frame;

	send_signals_again(b);
	bootstrap_registers_to_frame(&b->registers, &frame);
	if (b->registers.flags & CASTLE_APKERN_FPU)
		frame.fpu = address(b->registers.fpu);
	frame.mask = b->head.old_mask;
	frame.realtime = b->head.old_realtime;
	b->head.native = b; /* should %gs stay here */
	castle_call1(CASTLE_CALL_set_tls, b->registers.tls ? b->registers.tls : address(b));
	__asm__ volatile("mov %0, %%esp\n\tint $0x80"
			 :
			 : "r"(&frame.signal), "a"(CASTLE_CALL_sigreturn)
			 : "memory");
	__builtin_unreachable();
}

void bootstrap_become_native(struct bootstrap *b)
{
	bootstrap_block_signals(b);
	become_native(b);
}

/* Whether the application thread is one that the library knows, not a program's own making. */
static bool is_library_thread(const struct __castle_thread *thread)
{
	return bootstrap_can_read(address(&thread->self)) &&
	       bootstrap_can_read(address(&thread->bootstrap)) && thread->self == thread &&
	       thread->running == 1;
}

/* Once the thread has left, the driver may recall it: that signal is for the native thread only. */
void bootstrap_migrate(struct bootstrap *b)
{
	struct __castle_thread *thread = (void *)(uintptr_t)b->registers.tls;

	if (!is_library_thread(thread) || bootstrap_watch_recall() < 0)
		return;
	bootstrap_block_signals(b);
	if (bootstrap_get_registers(b, CASTLE_APKERN_GENERAL | CASTLE_APKERN_TLS |
					       CASTLE_APKERN_FPU | CASTLE_APKERN_LEAVE) < 0) {
		if (!b->area.signals)
			bootstrap_restore_mask(b);
		return;
	}
	thread->bootstrap = b;
	if (b->area.nr == CASTLE_APKERN_SYSTEM_CALL)
		b->registers.eax = b->area.u.syscall.ret;
	become_native(b);
}

__attribute__((noreturn, used)) static void continue_loop(struct bootstrap *b)
{
	bootstrap_restore_mask(b);
	bootstrap_loop(b);
}

/* The stack of the bootstrap thread lies below its block. */
__attribute__((noreturn)) static void continue_on_own_stack(struct bootstrap *b)
{
	__asm__ volatile("mov %0, %%esp\n\t"
			 "sub $12, %%esp\n\t" /* aligned for a call with one argument */
			 "push %0\n\t"
			 "call continue_loop"
			 :
			 : "r"(b)
			 : "memory");
	__builtin_unreachable();
}

/*
 * The calling thread, with all signals blocked, becomes the bootstrap thread again, and its
 * application thread goes on with b->registers, floating-point ones included. Returns only if the
 * driver refuses.
 */
static void return_to_pair(struct bootstrap *b)
{
	struct __castle_thread *thread = thread_self();

	b->registers.flags = CASTLE_APKERN_GENERAL | CASTLE_APKERN_TLS | CASTLE_APKERN_FPU;
	b->registers.tls = address(thread);
	if (bootstrap_set_registers(b) < 0)
		return;
	thread->bootstrap = NULL;
	b->head.native = NULL;
	castle_call1(CASTLE_CALL_set_tls, address(b));
	continue_on_own_stack(b);
}

void bootstrap_recall(const struct signal_frame *frame)
{
	struct bootstrap *b = thread_self()->bootstrap;

	if (!b)
		return;
	bootstrap_registers_from_frame(&b->registers, frame);
	/* The handler that this runs in has floating-point registers of its own. */
	if (frame->fpu)
		__builtin_memcpy(b->registers.fpu, (const void *)(uintptr_t)frame->fpu,
				 CASTLE_APKERN_FPU_SIZE);
	else
		bootstrap_start_fpu(b->registers.fpu);
	b->head.old_mask = frame->mask;
	b->head.old_realtime = frame->realtime;
	return_to_pair(b);
}

__attribute__((used)) static void return_blocking_signals(struct bootstrap *b)
{
	bootstrap_block_signals(b);
	save_fpu(b->registers.fpu);
	return_to_pair(b);
	bootstrap_restore_mask(b);
}

#define OFFSET(field) "i"(__builtin_offsetof(struct bootstrap, registers.field))

/* To the caller, the application thread returns from here. */
__attribute__((naked)) void bootstrap_return(__attribute__((unused)) struct bootstrap *b)
{
	__asm__ volatile("mov 4(%%esp), %%eax\n\t"
			 "mov %%edi, %c[edi](%%eax)\n\t"
			 "mov %%esi, %c[esi](%%eax)\n\t"
			 "mov %%ebp, %c[ebp](%%eax)\n\t"
			 "mov %%ebx, %c[ebx](%%eax)\n\t"
			 "mov (%%esp), %%edx\n\t"
			 "mov %%edx, %c[eip](%%eax)\n\t"
			 "lea 4(%%esp), %%edx\n\t"
			 "mov %%edx, %c[esp](%%eax)\n\t"
			 "movl %[start], %c[eflags](%%eax)\n\t"
			 "sub $8, %%esp\n\t" /* aligned for a call with one argument */
			 "push %%eax\n\t"
			 "call return_blocking_signals\n\t"
			 "add $12, %%esp\n\t"
			 "ret"
			 :
			 : [edi] OFFSET(edi), [esi] OFFSET(esi), [ebp] OFFSET(ebp),
			   [ebx] OFFSET(ebx), [eip] OFFSET(eip), [esp] OFFSET(esp),
			   [eflags] OFFSET(eflags), [start] "i"(EFLAGS_START));
}

void bootstrap_after_fork(struct bootstrap *b)
{
	if (bootstrap_recreate(b) == 0)
		bootstrap_return(b);
	thread_self()->bootstrap = NULL;
}
