/*
 * What is no call: instructions that programs may not or can hardly mean, flags and segments of all
 * kinds, stack pointers that are none, signal frames that no kernel pushed. Each in a child, which
 * ends for it or not; the machine goes on.
 */
#include "fuzz.h"

#include <castle/castle.h>
#include <castle/kernel_page.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define CODE_MAX 64

/* Data may be executed: two-level paging has no bit against it. */
static uint8_t code[CODE_MAX] __attribute__((aligned(64)));

static struct {
	uint32_t eax, ebx, ecx, edx, esi, edi, ebp, eflags;
} registers;
static uint32_t stack_pointer, target;

/* A handler that goes back to what it was called for. */
static void look_away(int signal)
{
	(void)signal;
}

/* Never the call that powers off. */
static uint32_t call_number(struct chance *chance)
{
	const uint32_t number =
		once_in(chance, 8) ? draw(chance) : below(chance, CASTLE_CALL_COUNT);

	return number == CASTLE_CALL_poweroff ? CASTLE_CALL_getpid : number;
}

static void registers_draw(struct chance *chance)
{
	registers.eax = call_number(chance);
	registers.ebx = pointer_of(chance);
	registers.ecx = pointer_of(chance);
	registers.edx = pointer_of(chance);
	registers.esi = pointer_of(chance);
	registers.edi = value_of(chance, 'n');
	registers.ebp = pointer_of(chance);
	registers.eflags = 0x202;
	__asm__ volatile("movl %%esp, %0" : "=r"(stack_pointer));
	target = (uint32_t)code;
	/* A kill may reach only what belongs to the round. */
	if (registers.eax == CASTLE_CALL_kill || registers.eax == CASTLE_CALL_send)
		registers.ebx = value_of(chance, 'Q');
}

/* Loads everything, the stack pointer last, and goes to `target`. */
__attribute__((noreturn)) static void registers_go(void)
{
	__asm__ volatile(
		"pushl %[flags]\n\t"
		"movl %[ebx], %%ebx\n\t"
		"movl %[ecx], %%ecx\n\t"
		"movl %[edx], %%edx\n\t"
		"movl %[esi], %%esi\n\t"
		"movl %[edi], %%edi\n\t"
		"movl %[ebp], %%ebp\n\t"
		"movl %[eax], %%eax\n\t"
		"popfl\n\t"
		"movl %[esp], %%esp\n\t"
		"jmp *%[target]"
		:
		: [flags] "m"(registers.eflags), [eax] "m"(registers.eax), [ebx] "m"(registers.ebx),
		  [ecx] "m"(registers.ecx), [edx] "m"(registers.edx), [esi] "m"(registers.esi),
		  [edi] "m"(registers.edi), [ebp] "m"(registers.ebp), [esp] "m"(stack_pointer),
		  [target] "m"(target));
	__builtin_unreachable();
}

/* Code, with an end behind it: ud2 (0x0f 0x0b). */
static void code_set(const void *bytes, uint32_t size)
{
	memset(code, 0x0b, sizeof code);
	memcpy(code, bytes, size);
	code[size] = 0x0f;
}

/* --- kinds: what a child is to do ---------------------------------------------------------------
 */

static void any_interrupt(struct chance *chance)
{
	const uint8_t bytes[] = { 0xcd, below(chance, 256) };

	code_set(bytes, sizeof bytes);
}

static void any_code(struct chance *chance)
{
	uint8_t bytes[16];

	for (uint32_t i = 0; i < sizeof bytes; i++)
		bytes[i] = draw(chance);
	code_set(bytes, sizeof bytes);
}

/* Privileged, reserved and otherwise odd instructions, each padded with no-operations. */
static void privileged(struct chance *chance)
{
	static const uint8_t instructions[][8] = {
		{ 0xfa, 0x90 },                                     /* cli */
		{ 0xfb, 0x90 },                                     /* sti */
		{ 0xf4, 0x90 },                                     /* hlt */
		{ 0x0f, 0x01, 0x10, 0x90 },                         /* lgdt (%eax) */
		{ 0x0f, 0x01, 0x18, 0x90 },                         /* lidt */
		{ 0x0f, 0x00, 0xd0, 0x90 },                         /* lldt %ax */
		{ 0x0f, 0x00, 0xd8, 0x90 },                         /* ltr %ax */
		{ 0x0f, 0x01, 0x00, 0x90 },                         /* sgdt */
		{ 0x0f, 0x01, 0x08, 0x90 },                         /* sidt */
		{ 0x0f, 0x00, 0xc0, 0x90 },                         /* sldt */
		{ 0x0f, 0x00, 0xc8, 0x90 },                         /* str */
		{ 0x0f, 0x01, 0xe0, 0x90 },                         /* smsw */
		{ 0x0f, 0x01, 0xf0, 0x90 },                         /* lmsw */
		{ 0x0f, 0x06, 0x90 },                               /* clts */
		{ 0x0f, 0x08, 0x90 },                               /* invd */
		{ 0x0f, 0x09, 0x90 },                               /* wbinvd */
		{ 0x0f, 0x01, 0x38, 0x90 },                         /* invlpg */
		{ 0x0f, 0x20, 0xc0, 0x90 },                         /* mov %cr0, %eax */
		{ 0x0f, 0x20, 0xd8, 0x90 },                         /* mov %cr3, %eax */
		{ 0x0f, 0x20, 0xe0, 0x90 },                         /* mov %cr4, %eax */
		{ 0x0f, 0x22, 0xc0, 0x90 },                         /* mov %eax, %cr0 */
		{ 0x0f, 0x22, 0xd0, 0x90 },                         /* mov %eax, %cr2 */
		{ 0x0f, 0x22, 0xd8, 0x90 },                         /* mov %eax, %cr3 */
		{ 0x0f, 0x22, 0xe0, 0x90 },                         /* mov %eax, %cr4 */
		{ 0x0f, 0x21, 0xc0, 0x90 },                         /* mov %dr0, %eax */
		{ 0x0f, 0x23, 0xc0, 0x90 },                         /* mov %eax, %dr0 */
		{ 0x0f, 0x23, 0xf8, 0x90 },                         /* mov %eax, %dr7 */
		{ 0x0f, 0x30, 0x90 },                               /* wrmsr */
		{ 0x0f, 0x32, 0x90 },                               /* rdmsr */
		{ 0x0f, 0x31, 0x90 },                               /* rdtsc */
		{ 0x0f, 0x33, 0x90 },                               /* rdpmc */
		{ 0x0f, 0x35, 0x90 },                               /* sysexit */
		{ 0x0f, 0x05, 0x90 },                               /* syscall */
		{ 0x0f, 0x07, 0x90 },                               /* sysret */
		{ 0x0f, 0xaa, 0x90 },                               /* rsm */
		{ 0x0f, 0x0b, 0x90 },                               /* ud2 */
		{ 0xe4, 0x60, 0x90 },                               /* in $0x60, %al */
		{ 0xe6, 0x20, 0x90 },                               /* out %al, $0x20 */
		{ 0xec, 0x90 },                                     /* in (%dx), %al */
		{ 0xee, 0x90 },                                     /* out %al, (%dx) */
		{ 0x6c, 0x90 },                                     /* insb */
		{ 0x6e, 0x90 },                                     /* outsb */
		{ 0xcc, 0x90 },                                     /* int3 */
		{ 0xf1, 0x90 },                                     /* icebp */
		{ 0xce, 0x90 },                                     /* into */
		{ 0xcf, 0x90 },                                     /* iret */
		{ 0xcb, 0x90 },                                     /* lret */
		{ 0x62, 0x00, 0x90 },                               /* bound */
		{ 0x0f, 0x01, 0xca, 0x90 },                         /* clac */
		{ 0x0f, 0x01, 0xcb, 0x90 },                         /* stac */
		{ 0x0f, 0x01, 0xc8, 0x90 },                         /* monitor */
		{ 0x0f, 0x01, 0xc9, 0x90 },                         /* mwait */
		{ 0x0f, 0x01, 0xc1, 0x90 },                         /* vmcall */
		{ 0x0f, 0x01, 0xd9, 0x90 },                         /* vmmcall */
		{ 0x0f, 0x01, 0xd1, 0x90 },                         /* xsetbv */
		{ 0xf0, 0x0f, 0xc7, 0xc8 },                         /* lock cmpxchg8b %eax */
		{ 0x0f, 0xae, 0x08, 0x90 },                         /* fxrstor (%eax) */
		{ 0x0f, 0xae, 0x10, 0x90 },                         /* ldmxcsr (%eax) */
		{ 0xdd, 0x20, 0x90 },                               /* frstor (%eax) */
		{ 0xd9, 0x28, 0xd9, 0xe8, 0xd9, 0xee, 0xde, 0xf9 }, /* fldcw; fld1; fldz; fdivp */
		{ 0xf7, 0xf0, 0x90 },                               /* div %eax */
		{ 0xd4, 0x00, 0x90 },                               /* aam $0 */
		{ 0x9b, 0x90 },                                     /* fwait */
	};

	code_set(ONE_OF(chance, instructions), 8);
}

static uint32_t selector(struct chance *chance)
{
	static const uint16_t usual[] = { 0,    3,    0x08, 0x0b, 0x10, 0x13, 0x18, 0x1b, 0x20,
					  0x23, 0x28, 0x2b, 0x30, 0x33, 0x38, 0x3b, 0x07 };

	return once_in(chance, 3) ? draw(chance) & 0xffff : ONE_OF(chance, usual);
}

/* Loads a segment register from eax, and makes a call with it. */
static void segment_load(struct chance *chance)
{
	static const uint8_t sreg[] = { 0xd8, 0xc0, 0xe0, 0xe8, 0xd0 }; /* ds es fs gs ss */
	uint8_t bytes[] = { 0x8e, 0, 0xb8, call_number(chance) & 31, 0, 0, 0, 0xcd, 0x80 };

	bytes[1] = ONE_OF(chance, sreg);
	if (bytes[3] == CASTLE_CALL_kill)
		bytes[3] = CASTLE_CALL_getpid;
	code_set(bytes, sizeof bytes);
	registers.eax = selector(chance);
}

/* ljmp, lcall, or lret and iret to what is on the stack. */
static void far_transfer(struct chance *chance)
{
	static uint32_t stack[8];
	const uint32_t where = once_in(chance, 2) ? pointer_of(chance) : (uint32_t)code + 16;
	const uint16_t segment = selector(chance);
	uint8_t bytes[] = {
		once_in(chance, 2) ? 0xea : 0x9a, 0, 0, 0, 0, segment & 0xff, segment >> 8
	};

	memcpy(bytes + 1, &where, sizeof where);
	if (once_in(chance, 2)) {
		bytes[0] = once_in(chance, 2) ? 0xcf : 0xcb;
		stack[0] = where;
		stack[1] = segment;
		stack[2] = bytes[0] == 0xcf ? draw(chance) : pointer_of(chance);
		stack[3] = pointer_of(chance);
		stack[4] = selector(chance);
		stack_pointer = (uint32_t)stack;
	}
	code_set(bytes, sizeof bytes);
}

/* Calls with any flags: the single step, nested task, direction, alignment, I/O privilege ones too.
 */
static void odd_flags(struct chance *chance)
{
	static const uint8_t by_gate[] = { 0xcd, 0x80, 0xcd, 0x80 };
	static const uint8_t by_stub[] = {
		0xb9, 0x00, 0x08, 0x00, 0x40, 0xff, 0xd1
	}; /* call *%ecx */

	if (once_in(chance, 2))
		code_set(by_gate, sizeof by_gate);
	else
		code_set(by_stub, sizeof by_stub);
	registers.eflags = 0x202 | (draw(chance) & 0x247fd5) | (once_in(chance, 2) ? 0x100 : 0);
	if (once_in(chance, 3))
		signal(SIGTRAP, look_away);
}

/* sysenter with any stack pointer, and any place to return to in ecx. */
static void odd_sysenter(struct chance *chance)
{
	static const uint8_t bytes[] = { 0x0f, 0x34 };

	code_set(bytes, sizeof bytes);
	stack_pointer = pointer_of(chance);
	if (once_in(chance, 2))
		registers.eflags |= 0x100;
}

/* A stack pointer that is none, and a fault, a call or a push with it. */
static void odd_stack(struct chance *chance)
{
	static const uint8_t all[][4] = { { 0xcd, 0x80, 0x50, 0x90 },
					  { 0x50, 0x58, 0x90, 0x90 },
					  { 0x0f, 0x0b, 0x90, 0x90 },
					  { 0x9c, 0x9d, 0xcc, 0x90 } };

	code_set(ONE_OF(chance, all), 4);
	stack_pointer = pointer_of(chance);
	if (once_in(chance, 2))
		signal(SIGSEGV, look_away);
}

static void odd_jump(struct chance *chance)
{
	target = pointer_of(chance);
}

/* What sigreturn finds: number, mask, where floating-point registers are, then all registers. */
static void forged_frame(struct chance *chance)
{
	static const uint8_t bytes[] = { 0xcd, 0x80 };
	uint32_t *const frame = (uint32_t *)place_of(chance);

	for (int i = 0; i < 20; i++)
		frame[i] = once_in(chance, 2) ? pointer_of(chance) : value_of(chance, 'X');
	if (below(chance, 4)) {
		frame[2] = once_in(chance, 2) ? 0 : place_of(chance);
		frame[13] = (uint32_t)code; /* where most likely eip is */
		frame[14] = selector(chance);
	}
	code_set(bytes, sizeof bytes);
	registers.eax = CASTLE_CALL_sigreturn;
	stack_pointer = once_in(chance, 8) ? pointer_of(chance) : (uint32_t)frame;
}

/* Any call by the gate, with arguments of no type at all. */
static void any_call(struct chance *chance)
{
	static const uint8_t bytes[] = { 0xcd, 0x80 };

	(void)chance;
	code_set(bytes, sizeof bytes);
}

static void odd_tls(struct chance *chance)
{
	static const uint8_t bytes[] = {
		0x65, 0xa1, 0, 0, 0, 0, 0x65, 0xa3, 4, 0, 0, 0, 0xcd, 0x80
	};

	castle_call1(CASTLE_CALL_set_tls, pointer_of(chance));
	code_set(bytes, sizeof bytes);
}

/* --- performing ------------------------------------------------------------------------------- */

/* A handler for what instructions cause: mostly, so that not every child has a line on the console.
 */
static void end_quietly(void)
{
	static const uint8_t signals[] = { SIGILL, SIGTRAP, SIGFPE, SIGBUS, SIGSEGV };

	for (uint32_t i = 0; i < sizeof signals; i++)
		signal(signals[i], _exit);
}

static void in_child(struct chance *chance, void (*prepare)(struct chance *chance))
{
	const bool quiet = below(chance, 8);
	const int pid = fork();

	if (pid == 0) {
		if (quiet)
			end_quietly();
		registers_draw(chance);
		prepare(chance);
		registers_go();
	}
	if (pid > 0)
		await_child(pid);
}

#define TRAP(function)                                   \
	static void do_##function(struct chance *chance) \
	{                                                \
		in_child(chance, function);              \
	}
TRAP(any_interrupt)
TRAP(any_code)
TRAP(privileged)
TRAP(segment_load)
TRAP(far_transfer)
TRAP(odd_flags)
TRAP(odd_sysenter)
TRAP(odd_stack)
TRAP(odd_jump)
TRAP(forged_frame)
TRAP(any_call)
TRAP(odd_tls)

const struct kind trap_kinds[] = {
	{ "any-interrupt", 2, do_any_interrupt },
	{ "any-code", 2, do_any_code },
	{ "privileged", 2, do_privileged },
	{ "segment-load", 2, do_segment_load },
	{ "far-transfer", 2, do_far_transfer },
	{ "odd-flags", 3, do_odd_flags },
	{ "odd-sysenter", 3, do_odd_sysenter },
	{ "odd-stack", 2, do_odd_stack },
	{ "odd-jump", 1, do_odd_jump },
	{ "forged-frame", 3, do_forged_frame },
	{ "any-call", 4, do_any_call },
	{ "odd-tls", 1, do_odd_tls },
	{ 0 },
};
