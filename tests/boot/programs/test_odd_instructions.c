/*
 * All of them, once each: every software interrupt, every segment register with every selector near
 * those that exist, and signal frames with each combination of odd values in what matters. Each in
 * a child, which ends or not; what it must not do is end anybody else. (The program fuzz has more,
 * at random.)
 */
#include "common/guard.h"
#include "common/tap.h"

#include <castle/castle.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define INTERRUPTS  256
#define SELECTORS   72 /* from 0: beyond the last descriptor, with each privilege level */
#define CODE_MAX    32
#define SYSTEM_CALL 0x80
#define FRAME_MASK  1
#define FRAME_FPU   2
#define FRAME_REGISTERS \
	3 /* edi, esi, ebp, -, ebx, edx, ecx, eax, vector, error, eip, cs, flags, esp, ss */
#define FRAME_EIP   (FRAME_REGISTERS + 10)
#define FRAME_FLAGS (FRAME_REGISTERS + 12)
#define FRAME_ESP   (FRAME_REGISTERS + 13)
#define FRAME_WORDS (FRAME_REGISTERS + 15)

/* Data may be executed: two-level paging has no bit against it. */
static uint8_t code[CODE_MAX];
static uint32_t frame[FRAME_WORDS + 64] __attribute__((aligned(16)));

/* Runs the code in a child that ends quietly for whatever it causes; how it ended. */
static int run_code(const uint8_t *bytes, uint32_t size, uint32_t eax, uint32_t stack)
{
	static const uint8_t signals[] = { SIGILL, SIGTRAP, SIGFPE, SIGBUS, SIGSEGV };
	const pid_t pid = fork();

	if (pid != 0)
		return pid > 0 ? guard_wait(pid) : GUARD_HANGS;
	for (uint32_t i = 0; i < sizeof signals; i++)
		signal(signals[i], _exit);
	memset(code, 0x0b, sizeof code);
	memcpy(code, bytes, size);
	code[size] = 0x0f; /* ud2 ends it */
	__asm__ volatile("testl %%ecx, %%ecx\n\t"
			 "jz 1f\n\t"
			 "movl %%ecx, %%esp\n"
			 "1:\tjmp *%%edx"
			 :
			 : "a"(eax), "d"(code), "c"(stack), "b"(0), "S"(0), "D"(0));
	__builtin_unreachable();
}

/* Counts the children that did not end, or not in a way that there is. */
static bool has_ended(int status)
{
	return status != GUARD_HANGS && (WIFEXITED(status) || WIFSIGNALED(status));
}

static int ended, by_fault;

static void make_interrupts(void)
{
	ended = by_fault = 0;
	for (int number = 0; number < INTERRUPTS; number++) {
		const uint8_t bytes[] = { 0xcd, number };
		const int status = run_code(bytes, sizeof bytes, CASTLE_CALL_getpid, 0);

		ended += has_ended(status);
		/* But for the call, int3 and into, the gate is not the program's. */
		by_fault += WIFEXITED(status) && WEXITSTATUS(status) == SIGSEGV;
	}
}

static void test_interrupts(void)
{
	make_interrupts();
	ok_is(ended, INTERRUPTS, "each int n ends its process at most");
	ok(by_fault >= INTERRUPTS - 4, "and nearly all by a fault (%d)", by_fault);
}

static void test_segments(void)
{
	static const uint8_t registers[] = { 0xd8, 0xc0, 0xe0, 0xe8, 0xd0 }; /* ds es fs gs ss */
	ended = 0;
	for (uint32_t i = 0; i < sizeof registers; i++)
		for (uint32_t selector = 0; selector < SELECTORS; selector++) {
			/* mov %ax, %sreg; mov $getpid, %eax; int $0x80 */
			const uint8_t bytes[] = {
				0x8e, registers[i], 0xb8,       CASTLE_CALL_getpid, 0, 0,
				0,    0xcd,         SYSTEM_CALL
			};

			ended += has_ended(run_code(bytes, sizeof bytes, selector, 0));
		}
	ok_is(ended, sizeof registers * SELECTORS, "each selector in each segment register");
}

/* Flags, instruction, stack: seven values of each, in the frame that sigreturn takes for true. */
static void test_frames(void)
{
	static const uint8_t bytes[] = { 0xcd, SYSTEM_CALL };
	static const uint32_t flags[] = { 0x202, 0, 0x100, 0x4000, 0x20000, 0x3000, 0xffffffff };
	const uint32_t places[] = { (uint32_t)code + 2, 0,          0x00100000, 0x3fc00000,
				    0x40000804,         0x7fffffff, 0xffffffff };
	ended = 0;
	for (int f = 0; f < 7; f++)
		for (int i = 0; i < 7; i++)
			for (int s = 0; s < 7; s++) {
				memset(frame, 0xff, sizeof frame);
				frame[FRAME_MASK] = 0;
				frame[FRAME_FPU] = s % 2 ? 0 : places[i];
				frame[FRAME_EIP] = places[i];
				frame[FRAME_FLAGS] = flags[f];
				frame[FRAME_ESP] = places[s];
				ended +=
					has_ended(run_code(bytes, sizeof bytes,
							   CASTLE_CALL_sigreturn, (uint32_t)frame));
			}
	ok_is(ended, 343, "each forged signal frame");
}

int main(void)
{
	test_interrupts();
	test_segments();
	test_frames();
	ok_leaves_memory(make_interrupts, "all memory came back");
	return done_testing();
}
