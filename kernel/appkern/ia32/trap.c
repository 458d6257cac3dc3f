/*
 * What becomes of traps on an application processor: step 1 of Figure 4.2. Few are dealt with here;
 * the bootstrap thread takes the others.
 */
#include "arch/ia32/trap.h"

#include "arch/ia32/cpu.h"
#include "arch/ia32/smp/apic.h"
#include "kernel/appkern/ia32/defect.h"
#include "kernel/appkern/ia32/entry.h"
#include "kernel/appkern/ia32/load.h"
#include "kernel/appkern/castle/native.h"
#include "kernel/appkern/local.h"
#include "kernel/appkern/message.h"
#include "kernel/appkern/options.h"
#include "kernel/appkern/ia32/processor.h"
#include "kernel/appkern/scheduler.h"

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* The event log's, for an application processor: which thread comes, and which goes. */
static void log_enter(uint32_t what, uint32_t detail)
{
	trace_record_on(this_processor->number, TRACE_KERNEL_ENTER, what, detail);
}

static struct application_thread *log_exit(struct application_thread *thread)
{
	trace_record_on(this_processor->number, TRACE_KERNEL_EXIT, thread->tid, 0);
	return thread;
}

ALWAYS_INLINE struct application_thread *call_take(struct application_thread *thread)
{
	if (application_options.local) {
		struct application_thread *next = local_call(thread);
		if (next)
			return next;
	}
	return message_send_call(thread);
}

struct application_thread *application_call(struct application_thread *thread)
{
	return call_take(thread);
}

static struct application_thread *call_traced(struct application_thread *thread)
{
	log_enter(VECTOR_SYSCALL << 16 | (thread->registers.frame.eax & 0xffff), thread->tid);
	return log_exit(call_take(thread));
}

TRACE_FUNCTION(application_call, call_traced, KERNEL_ENTER);

/*
 * A page that is there, and that this very access may not touch, is none to bring: nothing that the
 * kernel might find out by touching it would make the access a legal one. (A read of memory of the
 * program's own can be such an access: QEMU's iret with EFLAGS.VM reads the stack as the kernel
 * would, which SMAP forbids.)
 */
ALWAYS_INLINE struct application_thread *page_fault_take(struct application_thread *thread)
{
	const uint32_t address = cr2_read(), error = thread->registers.frame.error;

	if (error & FAULT_PRESENT)
		return message_send_exception(thread);
	if (space_repair(&thread->owner->space, address)) {
		this_processor->counts.faults_repaired++;
		TRACE_ON(this_processor->number, SPURIOUS, address, 1);
		return thread;
	}
	return message_send_fault(thread, address, error & FAULT_WRITE);
}

ALWAYS_INLINE struct application_thread *exception_take(struct application_thread *thread)
{
	switch (thread->registers.frame.vector) {
	case VECTOR_PAGE_FAULT:
		return page_fault_take(thread);
	case VECTOR_NO_FPU:
		application_fpu_start(thread);
		return thread;
	case VECTOR_NMI:
	case VECTOR_MACHINE_CHECK:
		defect_report(&thread->registers.frame);
	default:
		return message_send_exception(thread);
	}
}

struct application_thread *application_exception(struct application_thread *thread)
{
	return exception_take(thread);
}

static struct application_thread *exception_traced(struct application_thread *thread)
{
	log_enter(thread->registers.frame.vector << 16, cr2_read());
	return log_exit(exception_take(thread));
}

TRACE_FUNCTION(application_exception, exception_traced, KERNEL_ENTER);

void application_exception_in_kernel(const struct trap_frame *frame)
{
	defect_report(frame);
}

ALWAYS_INLINE struct application_thread *interrupt_take(struct application_thread *thread,
							uint32_t line)
{
	this_processor->counts.interrupts++;
	if (line == APIC_LINE_SPURIOUS)
		return thread;
	apic_end_interrupt();
	if (line != APIC_LINE_TIMER)
		return application_look(thread);
	this_processor->counts.ticks++;
	local_tick();
	return application_tick(thread);
}

struct application_thread *application_interrupt(struct application_thread *thread, uint32_t number)
{
	return interrupt_take(thread, number + APPLICATION_LINES_FIRST);
}

static struct application_thread *interrupt_traced(struct application_thread *thread,
						   uint32_t number)
{
	const uint32_t line = number + APPLICATION_LINES_FIRST;

	log_enter((VECTOR_INTERRUPTS + line) << 16, 0);
	return log_exit(interrupt_take(thread, line));
}

TRACE_FUNCTION(application_interrupt, interrupt_traced, KERNEL_ENTER);

void application_interrupt_idle(uint32_t number)
{
	const uint32_t line = number + APPLICATION_LINES_FIRST;

	this_processor->counts.interrupts++;
	if (line == APIC_LINE_SPURIOUS)
		return;
	apic_end_interrupt();
	if (line != APIC_LINE_TIMER)
		return;
	this_processor->counts.ticks++;
	this_processor->counts.idle_ticks++;
	local_tick();
}
