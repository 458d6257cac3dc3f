/*
 * Exceptions and interrupts, once the entry code has saved registers (Intel SDM volume 3, chapter
 * 6): page faults go to the container, device interrupts to their first-level handlers, everything
 * else a program does wrong ends in a signal. System calls do not come by here.
 */
#include "arch/ia32/trap.h"

#include <castle/abi.h>
#include <castle/kernel_page.h>
#include "arch/ia32/cpu.h"
#include "arch/ia32/descriptor.h"
#include "arch/ia32/fpu.h"
#include "arch/ia32/interrupt.h"
#include "arch/ia32/processor.h"
#include "arch/ia32/segments.h"
#include "kernel/lock/kernel_lock.h"
#include "arch/ia32/processors.h"
#include "kernel/measure/statistics.h"
#include "kernel/debug/panic.h"
#include "kernel/lib/string.h"
#include "kernel/mem/container.h"
#include "kernel/proc/process.h"
#include "kernel/proc/signal.h"

static struct gate gates[VECTOR_COUNT];
static const struct trap_entries *entries;

extern CPU_LOCAL struct sysenter_stack sysenter_stack;

extern const uint8_t call_stub_sysenter[], call_stub_sysenter_end[];
extern const uint8_t call_stub_int80[], call_stub_int80_end[];

static void gates_fill(void)
{
	for (unsigned vector = 0; vector < VECTOR_INTERRUPTS + VECTOR_INTERRUPTS_COUNT; vector++)
		gates[vector] = gate_make(entries->stubs[vector], GATE_INTERRUPT);
	gates[VECTOR_BREAKPOINT].high |= GATE_USER;
	gates[VECTOR_OVERFLOW].high |= GATE_USER;
	gates[VECTOR_DOUBLE_FAULT] = (struct gate){ SEGMENT_FAULT_TSS << 16, GATE_TASK };
	gates[VECTOR_SYSCALL] = gate_make(entries->int80, GATE_INTERRUPT | GATE_USER);
}

/* Copies the stub for this processor to its place in the kernel page. */
static void call_stub_install(struct castle_kernel_page *page, bool sysenter)
{
	uint8_t *stub = (uint8_t *)page + (CASTLE_CALL_ENTRY - CASTLE_KERNEL_PAGE);

	page->sysenter = sysenter;
	if (sysenter)
		memcpy(stub, call_stub_sysenter, call_stub_sysenter_end - call_stub_sysenter);
	else
		memcpy(stub, call_stub_int80, call_stub_int80_end - call_stub_int80);
}

void trap_init(const struct trap_entries *way, struct castle_kernel_page *page)
{
	entries = way;
	gates_fill();
	call_stub_install(page, processor_has(PROCESSOR_SYSENTER));
}

void trap_init_processor(void)
{
	gates_load(gates, sizeof gates);
	if (processor_has(PROCESSOR_SYSENTER))
		sysenter_enable((uint32_t)&sysenter_stack.frame_end, entries->sysenter);
}

void trap_resume(void)
{
	entries->resume();
	__builtin_unreachable();
}

/* The signal of each exception that a program can cause; 0: cannot come from user mode. */
static uint32_t exception_signal(uint32_t vector)
{
	switch (vector) {
	case 0:
	case 4:
	case 16:
	case 19:
		return CASTLE_SIGFPE;
	case VECTOR_DEBUG:
	case VECTOR_BREAKPOINT:
		return CASTLE_SIGTRAP;
	case 6:
		return CASTLE_SIGILL;
	case 17:
		return CASTLE_SIGBUS;
	default:
		return CASTLE_SIGSEGV;
	}
}

static const char *const exception_names[] = {
	[0] = "division by zero",
	[1] = "debug trap",
	[VECTOR_NMI] = "non-maskable interrupt: the hardware reports a failure",
	[3] = "breakpoint",
	[4] = "overflow",
	[5] = "bound range exceeded",
	[6] = "illegal instruction",
	[VECTOR_NO_FPU] = "no memory for floating-point state",
	[8] = "double fault",
	[10] = "invalid task state segment",
	[11] = "segment not present",
	[12] = "stack segment fault",
	[13] = "privileged instruction or bad segment",
	[16] = "floating-point error",
	[17] = "unaligned access",
	[VECTOR_MACHINE_CHECK] = "machine check: the processor reports a failure",
	[19] = "floating-point error",
};

const char *trap_name(uint32_t vector)
{
	const uint32_t count = sizeof exception_names / sizeof *exception_names;
	if (vector == VECTOR_PAGE_FAULT)
		return "page fault";
	if (vector < count && exception_names[vector])
		return exception_names[vector];
	return "unexpected trap";
}

static struct fault fault_describe(const struct trap_frame *frame, uint32_t address)
{
	return (struct fault){
		.address = address,
		.write = frame->error & FAULT_WRITE,
		.protection = frame->error & FAULT_PRESENT,
	};
}

static void page_fault_from_user(struct trap_frame *frame)
{
	const uint32_t address = cr2_read();
	const struct fault fault = fault_describe(frame, address);
	const enum fault_result result = container_fault(current_process()->container, &fault);

	if (result == FAULT_RESOLVED)
		return;
	statistic_refused++;
	signal_fault(current_thread, CASTLE_SIGSEGV, fault_result_text(result, &fault), address);
}

void trap_from_user(struct trap_frame *frame)
{
	const uint32_t vector = frame->vector;

	if (vector == VECTOR_PAGE_FAULT)
		page_fault_from_user(frame);
	else if (vector == VECTOR_MACHINE_CHECK)
		panic_trap(frame, "%s", trap_name(vector));
	else if (vector == VECTOR_NO_FPU && fpu_activate(current_thread))
		return;
	else
		signal_fault(current_thread, exception_signal(vector), trap_name(vector),
			     frame->eip);
}

/* An entry of the exception table: if the instruction at `fault` faults, go on at `resume`. */
struct exception_fixup {
	uint32_t fault, resume;
};

extern const struct exception_fixup exception_table_start[], exception_table_end[];

static bool exception_fixup_apply(struct trap_frame *frame)
{
	const struct exception_fixup *fixup;

	for (fixup = exception_table_start; fixup < exception_table_end; fixup++) {
		if (fixup->fault == frame->eip) {
			frame->eip = fixup->resume;
			return true;
		}
	}
	return false;
}

/* The kernel may fault on a program's memory alone, and only in the copy functions. */
static bool page_fault_in_kernel(struct trap_frame *frame, uint32_t address)
{
	const struct fault fault = fault_describe(frame, address);
	bool resolved;

	if (address < CASTLE_USER_BASE || !current_thread)
		return false;
	kernel_lock_acquire();
	resolved = container_fault(current_process()->container, &fault) == FAULT_RESOLVED;
	kernel_lock_release();
	return resolved || exception_fixup_apply(frame);
}

void trap_from_kernel(struct trap_frame *frame)
{
	const uint32_t address = cr2_read();

	if (frame->vector >= VECTOR_INTERRUPTS)
		interrupt_dispatch(frame->vector - VECTOR_INTERRUPTS);
	else if (frame->vector != VECTOR_PAGE_FAULT)
		panic_trap(frame, "%s in the kernel", trap_name(frame->vector));
	else if (!page_fault_in_kernel(frame, address))
		panic_trap(frame, "page fault in the kernel at address %08x, %s", address,
			   frame->error & FAULT_WRITE ? "writing" : "reading");
}

void trap_nmi(struct trap_frame *frame)
{
	if (processors_are_stopping())
		cpu_halt_forever();
	panic_trap(frame, "%s", trap_name(VECTOR_NMI));
}

/* The double fault task's registers are useless; those of the interrupted task are in its TSS. */
void trap_double_fault(void)
{
	const struct tss *tss = segments_main_tss();
	struct trap_frame frame = {
		.edi = tss->edi,
		.esi = tss->esi,
		.ebp = tss->ebp,
		.ebx = tss->ebx,
		.edx = tss->edx,
		.ecx = tss->ecx,
		.eax = tss->eax,
		.eip = tss->eip,
		.cs = tss->cs,
		.eflags = tss->eflags,
		.esp = tss->esp,
		.ss = tss->ss,
		.vector = VECTOR_DOUBLE_FAULT,
	};
	panic_trap(&frame, "double fault: the kernel stack overflowed or is not mapped");
}
