/*
 * The last words of the kernel.
 */
#include "kernel/debug/panic.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include "arch/ia32/cpu.h"
#include "arch/ia32/cpulocal.h"
#include "arch/ia32/frame.h"
#include "kernel/lib/options.h"
#include "kernel/dev/power.h"
#include "arch/ia32/processors.h"
#include "kernel/debug/backtrace.h"
#include "kernel/debug/symbols.h"
#include "kernel/dev/uart.h"
#include "kernel/lib/assert.h"
#include "kernel/lib/print.h"
#include "kernel/lock/domain.h"
#include "kernel/mem/container.h"
#include "kernel/mem/package.h"
#include "kernel/proc/process.h"

/* CPU-local variables exist once paging is on. */
static void print_current(void)
{
	const bool paging = cr0_read() & CR0_PG;
	const struct thread *thread = paging ? current_thread : NULL;

	kprintf("CPU %u, mode %s, ", paging ? cpu_number : 0, mode_name());
	if (thread)
		kprintf("thread %u of process %d\n", thread->tid, thread->process->pid);
	else
		kprintf("no current thread\n");
}

static void print_registers(const struct trap_frame *frame)
{
	kprintf("eax %08x  ebx %08x  ecx %08x  edx %08x\n", frame->eax, frame->ebx, frame->ecx,
		frame->edx);
	/* A trap in the kernel does not push esp: it was where the frame's end is. */
	kprintf("esi %08x  edi %08x  ebp %08x  esp %08x\n", frame->esi, frame->edi, frame->ebp,
		frame->cs & 3 ? frame->esp : (uint32_t)&frame->esp);
	kprintf("eip %08x  eflags %08x  cs %04x  error %08x\n", frame->eip, frame->eflags,
		frame->cs, frame->error);
	kprintf("cr0 %08x  cr2 %08x  cr3 %08x  cr4 %08x\n", cr0_read(), cr2_read(), cr3_read(),
		cr4_read());
}

__attribute__((format(printf, 3, 0), noreturn)) static void
panic_print(const struct trap_frame *frame, uint32_t frame_pointer, const char *format,
	    va_list arguments)
{
	static bool panicking UNGUARDED("no lock can be trusted, and the others are stopped");
	char message[256];

	interrupts_off();
	if (panicking)
		power_off(PANIC_STATUS); /* a panic while panicking: nothing left to trust */
	panicking = true;
	processors_stop();
	uart_poll_from_now();
	kvsnprintf(message, sizeof message, format, arguments);
	kprintf("\nPANIC: %s\n", message);
	print_current();
	if (frame) {
		print_registers(frame);
		backtrace_print_address(frame->eip);
	}
	backtrace_print(frame_pointer);
	power_off(PANIC_STATUS);
}

void panic(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	panic_print(NULL, (uint32_t)__builtin_frame_address(0), format, arguments);
}

void panic_trap(const struct trap_frame *frame, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	panic_print(frame, frame->ebp, format, arguments);
}

void kernel_assert_failed(const char *condition, const char *file, int line)
{
	panic("%s:%d: assertion failed: %s", file, line, condition);
}
