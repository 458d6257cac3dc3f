/*
 * Faults in programs: each one ends the process that committed it, with the right signal; nothing
 * else notices, and all memory comes back.
 */
#include "common/tap.h"

#include <castle/castle.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Hides an address from the compiler, which would warn or do as it likes. */
static void *at(uintptr_t address)
{
	__asm__("" : "+r"(address));
	return (void *)address;
}

static void read_null(void)
{
	(void)*(volatile int *)at(4);
}

static void write_null(void)
{
	*(volatile int *)at(4) = 1;
}

static void read_kernel(void)
{
	(void)*(volatile int *)at(0x100000);
}

static void write_kernel(void)
{
	*(volatile int *)at(0x100000) = 1;
}

static void write_code(void)
{
	*(volatile char *)at((uintptr_t)write_code) = 0x90;
}

static void write_kernel_page(void)
{
	*(volatile int *)at(CASTLE_KERNEL_PAGE) = 0;
}

static void read_beyond_heap(void)
{
	(void)*(volatile char *)at(0xb0000000);
}

static void read_top(void)
{
	(void)*(volatile char *)at(0xfffffff0);
}

static void read_unused_stack_slot(void)
{
	(void)*(volatile char *)at(CASTLE_THREAD_STACKS + 100 * CASTLE_THREAD_STACK_SIZE + 8192);
}

static void jump_to_null(void)
{
	((void (*)(void))at(0))();
}

static void jump_to_kernel(void)
{
	((void (*)(void))at(0x100100))();
}

static void illegal_instruction(void)
{
	__asm__ volatile("ud2");
}

static void divide_by_zero(void)
{
	__asm__ volatile("xorl %%ecx, %%ecx; divl %%ecx" : : : "eax", "ecx", "edx");
}

static volatile int depth_max = 1 << 30;

static int recurse(int depth)
{
	volatile char frame[512];

	frame[0] = depth;
	return depth < depth_max ? recurse(depth + 1) + frame[0] : 0;
}

static void stack_overflow(void)
{
	recurse(0);
}

static void *overflow_thread(void *argument)
{
	recurse(0);
	return argument;
}

static void thread_stack_overflow(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, overflow_thread, NULL);
	pthread_join(thread, NULL);
}

static void halt(void)
{
	__asm__ volatile("hlt");
}

static void disable_interrupts(void)
{
	__asm__ volatile("cli");
}

static void input_port(void)
{
	__asm__ volatile("inb $0x60, %%al" : : : "eax");
}

static void output_port(void)
{
	__asm__ volatile("outb %%al, $0xf4" : : "a"(0));
}

static void write_cr0(void)
{
	__asm__ volatile("movl %%eax, %%cr0" : : "a"(0));
}

static void load_idt(void)
{
	static const char table[6];
	__asm__ volatile("lidt %0" : : "m"(table));
}

static void write_msr(void)
{
	__asm__ volatile("wrmsr" : : "c"(0x176), "a"(0), "d"(0));
}

static void leave_by_sysexit(void)
{
	__asm__ volatile("sysexit" : : "d"(0), "c"(0));
}

static void forbidden_gate(void)
{
	__asm__ volatile("int $0x21");
}

static void double_fault_gate(void)
{
	__asm__ volatile("int $8");
}

static void page_fault_gate(void)
{
	__asm__ volatile("int $14");
}

static void kernel_segment(void)
{
	__asm__ volatile("movl %0, %%ds" : : "r"(0x10));
}

static void no_such_segment(void)
{
	__asm__ volatile("movl %0, %%es" : : "r"(0x1003));
}

static void breakpoint(void)
{
	__asm__ volatile("int3");
}

static void single_step(void)
{
	__asm__ volatile("pushfl; orl $0x100, (%esp); popfl; nop; nop");
}

static void bad_stack_and_fault(void)
{
	__asm__ volatile("movl $0x10, %esp; ud2");
}

/* A kernel stack pointer in user hands: the push faults as any other access would. */
static void kernel_stack_pointer(void)
{
	__asm__ volatile("movl $0x120000, %esp; pushl %eax");
}

static void out_of_memory(void)
{
	/* The break does not go beyond what is free: touch it all, then fork-like growth fails. */
	for (;;) {
		char *block = sbrk(1 << 20);
		if (block == (void *)-1)
			abort();
		memset(block, 1, 1 << 20);
	}
}

static const struct {
	const char *name;
	void (*commit)(void);
	int signal;
} faults[] = {
	{ "reading address 4", read_null, SIGSEGV },
	{ "writing address 4", write_null, SIGSEGV },
	{ "reading the kernel", read_kernel, SIGSEGV },
	{ "writing the kernel", write_kernel, SIGSEGV },
	{ "writing code", write_code, SIGSEGV },
	{ "writing the kernel page", write_kernel_page, SIGSEGV },
	{ "reading beyond the heap", read_beyond_heap, SIGSEGV },
	{ "reading the top of memory", read_top, SIGSEGV },
	{ "reading an unused stack slot", read_unused_stack_slot, SIGSEGV },
	{ "jumping to 0", jump_to_null, SIGSEGV },
	{ "jumping into the kernel", jump_to_kernel, SIGSEGV },
	{ "an illegal instruction", illegal_instruction, SIGILL },
	{ "division by zero", divide_by_zero, SIGFPE },
	{ "stack overflow", stack_overflow, SIGSEGV },
	{ "stack overflow of a thread", thread_stack_overflow, SIGSEGV },
	{ "hlt", halt, SIGSEGV },
	{ "cli", disable_interrupts, SIGSEGV },
	{ "in", input_port, SIGSEGV },
	{ "out", output_port, SIGSEGV },
	{ "mov to cr0", write_cr0, SIGSEGV },
	{ "lidt", load_idt, SIGSEGV },
	{ "wrmsr", write_msr, SIGSEGV },
	{ "sysexit", leave_by_sysexit, SIGSEGV },
	{ "int through a device's gate", forbidden_gate, SIGSEGV },
	{ "int through the double fault gate", double_fault_gate, SIGSEGV },
	{ "int through the page fault gate", page_fault_gate, SIGSEGV },
	{ "a kernel segment in ds", kernel_segment, SIGSEGV },
	{ "no such segment in es", no_such_segment, SIGSEGV },
	{ "int3", breakpoint, SIGTRAP },
	{ "single-stepping", single_step, SIGTRAP },
	{ "a fault without a stack", bad_stack_and_fault, SIGILL },
	{ "the kernel's stack as stack", kernel_stack_pointer, SIGSEGV },
	{ "running out of memory", out_of_memory, SIGABRT },
};

#define FAULT_COUNT (sizeof faults / sizeof *faults)

#define FLAG_DF "0x400"
#define FLAG_NT "0x4000"
#define FLAG_AC "0x40000"

/* A system call with a flag set: by int 0x80 or through the kernel page. */
#define CALL_WITH_FLAG(flag, enter, number, first, second)                                \
	({                                                                                \
		int32_t result_;                                                          \
		__asm__ volatile("pushfl; orl $" flag ", (%%esp); popfl\n\t" enter "\n\t" \
				 "pushfl; andl $~" flag ", (%%esp); popfl"                \
				 : "=a"(result_)                                          \
				 : "a"(number), "b"(first), "S"(second)                   \
				 : "ecx", "edx", "memory", "cc");                         \
		result_;                                                                  \
	})

#define ENTER_INT80    "int $0x80"
#define ENTER_SYSENTER "call 0x40000800"
_Static_assert(CASTLE_CALL_ENTRY == 0x40000800, "ENTER_SYSENTER");

/* Each flag with a call that would go wrong if it reached the kernel. */
static void odd_flags(void)
{
	static struct castle_stat status;
	static const struct castle_timespec moment = { 0, 1000000 };
	int wrong = 0;

	/* DF reverses string instructions: copying the result would go astray. */
	wrong |= CALL_WITH_FLAG(FLAG_DF, ENTER_INT80, CASTLE_CALL_stat, "/bin", &status);
	wrong |= CALL_WITH_FLAG(FLAG_DF, ENTER_SYSENTER, CASTLE_CALL_stat, "/bin", &status);
	/* NT makes an iret switch tasks: a call that waits comes back by iret. */
	wrong |= CALL_WITH_FLAG(FLAG_NT, ENTER_INT80, CASTLE_CALL_nanosleep, &moment, 0);
	wrong |= CALL_WITH_FLAG(FLAG_NT, ENTER_SYSENTER, CASTLE_CALL_nanosleep, &moment, 0);
	wrong |= CALL_WITH_FLAG(FLAG_AC, ENTER_INT80, CASTLE_CALL_stat, "/bin", &status);
	wrong |= CALL_WITH_FLAG(FLAG_AC, ENTER_SYSENTER, CASTLE_CALL_stat, "/bin", &status);
	_exit(wrong != 0 || !(status.mode & CASTLE_S_IFDIR));
}

static void null_segments(void)
{
	__asm__ volatile(
		"xorl %%eax, %%eax; movl %%eax, %%ds; movl %%eax, %%es; movl %%eax, %%fs\n\t"
		"movl %0, %%eax; int $0x80"
		:
		: "i"(CASTLE_CALL_getpid)
		: "eax", "memory");
}

/* Single-stepping over sysenter traps in the kernel's first instruction, which must go on. */
static void step_over_sysenter(void)
{
	__asm__ volatile("movl %0, %%eax\n\t"
			 "movl %%esp, %%ebx\n\t"
			 "pushl $1f\n\t"
			 "movl %%esp, %%ecx\n\t"
			 "pushfl; orl $0x100, (%%esp); popfl\n\t"
			 "sysenter\n"
			 "1:\tmovl %%ebx, %%esp"
			 :
			 : "i"(CASTLE_CALL_getpid)
			 : "eax", "ebx", "ecx", "edx", "memory", "cc");
}

/*
 * iret with EFLAGS.VM, which QEMU obeys: the processor is then in virtual-8086 mode, where the next
 * instruction faults. The frame is the long one that iret then takes; others leave its end where it
 * is.
 */
#define IRET_WITH_VM(code_segment)                                    \
	__asm__ volatile("movl %%esp, %%ebx\n\t"                      \
			 "pushl $0; pushl $0; pushl $0; pushl $0\n\t" \
			 "pushl $0; pushl %%ebx\n\t"                  \
			 "pushfl; orl $0x20000, (%%esp)\n\t"          \
			 "pushl " code_segment "; pushl $1f\n\t"      \
			 "iretl\n"                                    \
			 "1:\tmovl %%ebx, %%esp"                      \
			 :                                            \
			 :                                            \
			 : "ebx", "memory", "cc")

static void virtual_8086(void)
{
	IRET_WITH_VM("%%cs");
}

static void virtual_8086_elsewhere(void)
{
	IRET_WITH_VM("$0x1000");
}

/* A handler runs in protected mode, with the stack and the segments that it needs. */
static void virtual_8086_handled(void)
{
	static const struct sigaction action = { .sa_handler = _exit };

	sigaction(SIGSEGV, &action, NULL);
	IRET_WITH_VM("%%cs");
	_exit(SIGSEGV);
}

/* True if the processor has ignored EFLAGS.VM, or the program was ended for it. */
static bool is_harmless(int status)
{
	return status == 0 || (WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}

static void test_virtual_8086(void)
{
	ok(is_harmless(in_child(virtual_8086)), "iret with the flag VM does no harm");
	ok(is_harmless(in_child(virtual_8086_elsewhere)),
	   "nor to a segment without privilege bits");
	ok_is(WEXITSTATUS(in_child(virtual_8086_handled)), SIGSEGV, "nor with a signal handler");
}

static void test_oddities(void)
{
	ok_is(in_child(odd_flags), 0, "system calls with NT, DF and AC set");
	ok_is(in_child(null_segments), 0, "a system call with null segments");
	ok_is(in_child(step_over_sysenter), 0, "single-stepping into sysenter does no harm");
}

static void commit_all(void)
{
	for (unsigned i = 0; i < FAULT_COUNT; i++)
		in_child(faults[i].commit);
}

/* By now this process itself has all the memory that it will use, or nearly so. */
static void test_memory(void)
{
	ok_leaves_memory(commit_all, "after all of it again, all memory came back");
}

int main(void)
{
	for (unsigned i = 0; i < FAULT_COUNT; i++) {
		const int status = in_child(faults[i].commit);
		if (!ok(WIFSIGNALED(status) && WTERMSIG(status) == faults[i].signal,
			"%s ends the process with signal %d", faults[i].name, faults[i].signal))
			printf("# status 0x%x\n", status);
	}
	test_oddities();
	test_virtual_8086();
	test_memory();
	return done_testing();
}
