/*
 * Exceptions and interrupts, once the entry code has saved registers (Intel SDM volume 3, chapter
 * 6): which of them the kernel itself caused, and how it goes on then; what a program did wrong is
 * told to kernel/entry/fault.c. System calls do not come by here.
 */
#include "arch/ia32/trap.h"

#include <castle/address_map.h>
#include <castle/kernel_page.h>
#include "arch/ia32/cpu.h"
#include "arch/ia32/descriptor.h"
#include "arch/ia32/fpu.h"
#include "arch/ia32/interrupt.h"
#include "arch/ia32/patch.h"
#include "arch/ia32/processor.h"
#include "arch/ia32/segments.h"
#include "arch/ia32/processors.h"
#include "kernel/debug/panic.h"
#include "kernel/debug/trace.h"
#include "kernel/entry/fault.h"
#include "kernel/lib/string.h"
#include "kernel/lock/domain.h"
#include "kernel/sched/thread.h"

/* By vector; and the same, but that calls go by account_enter(). */
static struct gate gates[VECTOR_COUNT] SET_AT_BOOT;
static struct gate gates_accounted[VECTOR_COUNT] SET_AT_BOOT;

/* What the event log's blocks call (arch/ia32/entry_logged.inc). */
void (*trap_logged_enter)(uint32_t vector) SET_AT_BOOT;
void (*trap_logged_leave)(void) SET_AT_BOOT;

/* In the entry code. */
extern const uint32_t trap_stubs[VECTOR_INTERRUPTS + VECTOR_INTERRUPTS_COUNT];
extern const char trap_int80[], trap_int80_accounted[], trap_sysenter[], trap_sysenter_accounted[];

const struct trap_way trap_way_plain = {
	.logged_enter = trace_enter,
	.logged_leave = trace_leave,
};

extern CPU_LOCAL struct sysenter_stack sysenter_stack;

extern const uint8_t call_stub_sysenter[], call_stub_sysenter_end[];
extern const uint8_t call_stub_int80[], call_stub_int80_end[];

static struct gate call_gate(const char *entry)
{
	return gate_make((uint32_t)entry, GATE_INTERRUPT | GATE_USER);
}

static void gates_fill(void)
{
	for (unsigned vector = 0; vector < VECTOR_INTERRUPTS + VECTOR_INTERRUPTS_COUNT; vector++)
		gates[vector] = gate_make(trap_stubs[vector], GATE_INTERRUPT);
	gates[VECTOR_BREAKPOINT].high |= GATE_USER;
	gates[VECTOR_OVERFLOW].high |= GATE_USER;
	gates[VECTOR_DOUBLE_FAULT] = (struct gate){ SEGMENT_FAULT_TSS << 16, GATE_TASK };
	memcpy(gates_accounted, gates, sizeof gates);
	gates[VECTOR_SYSCALL] = call_gate(trap_int80);
	gates_accounted[VECTOR_SYSCALL] = call_gate(trap_int80_accounted);
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

void trap_choose_way(const struct trap_way *way)
{
	for (unsigned site = 0; way->jumps && site < TRAP_SITE_COUNT; site++)
		patch_jump(&way->jumps[site]);
	trap_logged_enter = way->logged_enter;
	trap_logged_leave = way->logged_leave;
}

void trap_init(struct castle_kernel_page *page)
{
	gates_fill();
	call_stub_install(page, processor_has(PROCESSOR_SYSENTER));
}

/* A processor with ways of its own keeps them, and its own account. */
static CPU_LOCAL bool has_own_way;

void trap_own_way(const struct gate *table, uint32_t size, uint32_t sysenter)
{
	has_own_way = true;
	gates_load(table, size);
	if (processor_has(PROCESSOR_SYSENTER))
		sysenter_enable((uint32_t)&sysenter_stack.frame_end, sysenter);
}

void trap_account(bool on)
{
	if (has_own_way)
		return;
	gates_load(on ? gates_accounted : gates, sizeof gates);
	if (processor_has(PROCESSOR_SYSENTER))
		sysenter_enable((uint32_t)&sysenter_stack.frame_end,
				(uint32_t)(on ? trap_sysenter_accounted : trap_sysenter));
}

void trap_init_processor(void)
{
	trap_account(false);
}

static const char *const exception_names[] = {
	[VECTOR_DIVIDE] = "division by zero",
	[VECTOR_DEBUG] = "debug trap",
	[VECTOR_NMI] = "non-maskable interrupt: the hardware reports a failure",
	[VECTOR_BREAKPOINT] = "breakpoint",
	[VECTOR_OVERFLOW] = "overflow",
	[VECTOR_BOUND] = "bound range exceeded",
	[VECTOR_ILLEGAL] = "illegal instruction",
	[VECTOR_NO_FPU] = "no memory for floating-point state",
	[VECTOR_DOUBLE_FAULT] = "double fault",
	[VECTOR_TASK_SEGMENT] = "invalid task state segment",
	[VECTOR_NO_SEGMENT] = "segment not present",
	[VECTOR_STACK_SEGMENT] = "stack segment fault",
	[VECTOR_PROTECTION] = "privileged instruction or bad segment",
	[VECTOR_FPU_ERROR] = "floating-point error",
	[VECTOR_ALIGNMENT] = "unaligned access",
	[VECTOR_MACHINE_CHECK] = "machine check: the processor reports a failure",
	[VECTOR_SIMD_ERROR] = "floating-point error",
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

void trap_from_user(struct trap_frame *frame)
{
	const uint32_t vector = frame->vector;

	if (vector == VECTOR_PAGE_FAULT) {
		const struct fault fault = fault_describe(frame, cr2_read());
		fault_on_page(&fault);
	} else if (vector == VECTOR_MACHINE_CHECK) {
		panic_trap(frame, "%s", trap_name(vector));
	} else if (vector != VECTOR_NO_FPU || !fpu_activate(current_thread)) {
		fault_by_exception(vector, trap_name(vector), frame->eip);
	}
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

	return fault_in_kernel(&fault) ||
	       (address >= CASTLE_USER_BASE && exception_fixup_apply(frame));
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
	if (processors_are_stopping()) {
		processor_has_stopped();
		cpu_halt_forever();
	}
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
