/*
 * The virtual-8086 flag: a program that tries to return into that mode is ended, and nobody else.
 * Processors ignore the flag there; QEMU does not.
 */
#include "common/guard.h"
#include "common/tap.h"

#include <castle/castle.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define FLAG_VM "0x20000"

/* As an interrupt would return to virtual-8086 mode: segments above the stack pointer. */
static void return_to_vm86(void)
{
	__asm__ volatile("pushl $0; pushl $0; pushl $0; pushl $0\n\t"
			 "pushl $0x1000; pushl $0xff00\n\t"
			 "pushf; orl $" FLAG_VM ", (%%esp)\n\t"
			 "pushl $0x1000; pushl $0x100\n\t"
			 "iret"
			 :
			 :
			 : "memory");
	_exit(0);
}

/* The same, with the program's own code behind it. */
static void return_with_own_segments(void)
{
	__asm__ volatile("movl %%ss, %%eax; pushl %%eax; pushl %%esp\n\t"
			 "pushf; orl $" FLAG_VM ", (%%esp)\n\t"
			 "movl %%cs, %%eax; pushl %%eax; pushl $1f\n\t"
			 "iret\n1: nop"
			 :
			 :
			 : "eax", "memory");
	_exit(0);
}

/* Through the kernel: sigreturn's frame is the program's to change. */
static void catch (int signal)
{
	uint32_t *frame;

	__asm__("" : "=r"(frame) : "0"(&signal)); /* what lies behind is no concern of C's */
	/* The number, the mask, then the registers, flags behind eleven of them and cs. */
	frame[2 + 12] |= 0x20000;
}

static void return_from_handler(void)
{
	struct sigaction action;

	memset(&action, 0, sizeof action);
	action.sa_handler = catch;
	sigaction(SIGUSR1, &action, NULL);
	kill(getpid(), SIGUSR1);
	_exit(7);
}

static void flag_by_popf(void)
{
	__asm__ volatile("pushf; orl $" FLAG_VM ", (%%esp); popf" : : : "memory", "cc");
	getpid();
	_exit(7);
}

static void test_ends_alone(void (*child)(void), const char *name)
{
	const int status = guard_exit(child);

	ok(status == 0 || status > 1000, "%s ends nobody else (%d)", name, status);
}

int main(void)
{
	test_ends_alone(return_to_vm86, "iret to virtual-8086 mode");
	test_ends_alone(return_with_own_segments, "iret with the flag and proper segments");
	ok_is(guard_exit(return_from_handler), 7, "the flag in a signal frame is not believed");
	ok_is(guard_exit(flag_by_popf), 7, "popf does not set it");
	return done_testing();
}
