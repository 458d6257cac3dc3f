/*
 * Messages through the shared area (Figure 4.3). The boot processor learns of them like a device's
 * driver: its interrupt handler takes note, its second level wakes whoever waits. A bootstrap
 * thread that polls, or is awake anyway, needs neither.
 */
#include "kernel/appkern/message.h"

#include <castle/abi.h>
#include <castle/errno.h>
#include "arch/ia32/cpu.h"
#include "arch/ia32/interrupt.h"
#include "arch/ia32/smp/apic.h"
#include "kernel/appkern/defect.h"
#include "kernel/appkern/fpu.h"
#include "kernel/appkern/lock.h"
#include "kernel/appkern/migrate.h"
#include "kernel/appkern/options.h"
#include "kernel/appkern/processor.h"
#include "kernel/appkern/scheduler.h"
#include "kernel/interrupt/supervisor.h"
#include "kernel/debug/trace.h"
#include "kernel/lock/domain.h"
#include "kernel/sched/scheduler.h"
#include "kernel/proc/thread.h"

/*
 * Looks of a bootstrap thread before it gives the boot processor away: as many as a program needs
 * between two calls of which it does little else. To block, and to be woken by an interrupt, would
 * then be most of what a call costs.
 */
#define WAIT_LOOKS 100
/* Of those, if others are ready: less than it takes to block and to be woken. */
#define WAIT_LOOKS_SOON 30

/* Threads whose bootstrap thread waits. */
static struct list messages GUARDED_BY(application_lock) = LIST_INITIALISER(messages);
static uint32_t boot_line, boot_apic_id SET_AT_BOOT;

void message_interrupt_boot_processor(void)
{
	apic_send(boot_apic_id, boot_line);
}

/*
 * From the moment that the area has the message, the thread may go on elsewhere, or be freed.
 * Inlined: a forwarded call has nothing else to do.
 */
__attribute__((always_inline)) static inline struct application_thread *
message_send(struct application_thread *thread, enum castle_apkern_message message,
	     enum application_state state)
{
	struct castle_apkern_area *area = thread->area;
	bool tell;

	thread->bootstrap_yielded = false;
	area->nr = thread->message = message;
	area->pc = thread->frame.eip;
	area->cpu = this_processor->number;
	application_fpu_save(thread);
	application_lock();
	application_leave(thread, state);
	tell = thread->bootstrap_waits;
	area->bootstrap_has_msg = 1;
	if (tell)
		list_append(&messages, &thread->queue);
	thread->bootstrap_waits = false;
	application_unlock();
	if (tell)
		message_interrupt_boot_processor();
	return application_schedule();
}

/*
 * Section 4.3.4: a process or thread that ends does so here first. The kernel knows nothing of
 * application threads, and would leave one behind in an address space that is gone.
 */
static bool ends_thread(uint32_t call)
{
	return call == CASTLE_CALL_exit || call == CASTLE_CALL_thread_exit;
}

/* Counts one in `counter`, and logs it. */
#define COUNT_MESSAGE(counter, thread, message)                                               \
	do {                                                                                  \
		if (TRACE_COUNTS(this_processor->counts.counter, MESSAGE))                    \
			patch_call_on(trace_record_on, this_processor->number, TRACE_MESSAGE, \
				      message, (thread)->bootstrap_waits);                    \
	} while (0)

static inline void consider_moving(struct application_thread *thread)
{
	if (application_options.migrate)
		thread->area->migrate = migrate_is_due(thread);
}

struct application_thread *message_send_call(struct application_thread *thread)
{
	struct castle_apkern_area *area = thread->area;

	COUNT_MESSAGE(calls_forwarded, thread, CASTLE_APKERN_SYSTEM_CALL);
	area->u.syscall.nr = thread->frame.eax;
	area->u.syscall.arg1 = thread->frame.ebx;
	area->u.syscall.arg2 = thread->frame.esi;
	area->u.syscall.arg3 = thread->frame.edi;
	area->u.syscall.arg4 = thread->frame.ebp;
	consider_moving(thread);
	if (!ends_thread(thread->frame.eax))
		return message_send(thread, CASTLE_APKERN_SYSTEM_CALL, APPLICATION_FORWARDING);
	space_leave();
	return message_send(thread, CASTLE_APKERN_SYSTEM_CALL, APPLICATION_ENDED);
}

struct application_thread *message_send_fault(struct application_thread *thread, uint32_t address,
					      bool write)
{
	COUNT_MESSAGE(faults_forwarded, thread, CASTLE_APKERN_PAGE_FAULT);
	if (application_options.migrate)
		migrate_note_request(thread);
	thread->area->u.page_fault.addr = address;
	thread->area->u.page_fault.write = write;
	return message_send(thread, CASTLE_APKERN_PAGE_FAULT, APPLICATION_FORWARDING);
}

struct application_thread *message_send_exception(struct application_thread *thread)
{
	COUNT_MESSAGE(exceptions_forwarded, thread, CASTLE_APKERN_EXCEPTION);
	thread->area->u.exception.vector = thread->frame.vector;
	return message_send(thread, CASTLE_APKERN_EXCEPTION, APPLICATION_FORWARDING);
}

/* First level. */
static void message_interrupt(void)
{
	apic_end_interrupt();
	defect_check();
	supervisor_raise(SUPERVISOR_DRIVER);
}

static struct application_thread *message_take(void)
{
	struct application_thread *thread = NULL;

	application_lock();
	if (!list_empty(&messages)) {
		thread = list_entry(messages.next, struct application_thread, queue);
		list_remove(&thread->queue);
	}
	application_unlock();
	return thread;
}

/* Second level. */
static void message_work(void)
{
	struct application_thread *thread;

	while ((thread = message_take()))
		wait_queue_wake_all(&thread->waiters);
	if (application_options.migrate)
		migrate_give_way();
}

void message_ask_to_move(struct application_thread *thread)
{
	thread->area->nr = thread->message = CASTLE_APKERN_MOVE;
	thread->area->migrate = 1;
	thread->area->bootstrap_has_msg = 1;
	if (thread->bootstrap_waits)
		wait_queue_wake_all(&thread->waiters);
	thread->bootstrap_waits = false;
}

void message_init(uint32_t line)
{
	boot_line = line;
	boot_apic_id = apic_id();
	supervisor_register(SUPERVISOR_DRIVER, message_work);
	interrupt_register(line, message_interrupt);
}

static inline bool message_is_there(const struct castle_apkern_area *area)
{
	return area->bootstrap_has_msg || area->signals;
}

static int32_t message_result(const struct castle_apkern_area *area)
{
	return area->bootstrap_has_msg ? 0 : -EINTR;
}

/* The account of time has a bit of its own there, which wants nothing. */
static bool is_wanted_elsewhere(void)
{
	return (kernel_exit_work & ~EXIT_WORK_ACCOUNT) || scheduler_has_other();
}

/*
 * A bootstrap thread that has just activated its application thread often gets the next message
 * soon. If it did so last time, others wait a moment for it.
 */
static bool message_comes_soon(const struct application_thread *thread)
{
	const struct castle_apkern_area *area = thread->area;
	uint32_t looks = 0;

	for (const uint32_t first = thread->soon ? WAIT_LOOKS_SOON : 0; looks < first; looks++) {
		if (message_is_there(area))
			return true;
		cpu_pause();
	}
	for (; looks < WAIT_LOOKS && !is_wanted_elsewhere(); looks++) {
		if (message_is_there(area))
			return true;
		cpu_pause();
	}
	return false;
}

static int32_t message_has_come(struct thread *thread)
{
	return thread->woken == WAKE_INTERRUPTED ? -EINTR : 0;
}

/*
 * If others are ready, they go first, once; a message that has come meanwhile needs neither an
 * interrupt nor a thread to be woken, and all are served in turn. The caller looks again. Not while
 * application threads are away: they compute, and only who is woken goes before them.
 */
int32_t message_wait(struct application_thread *thread)
{
	thread->soon = message_comes_soon(thread);
	if (thread->soon) {
		migrate_messages++;
		return message_result(thread->area);
	}
	if (!thread->bootstrap_yielded && scheduler_has_other() && !migrate_has_away()) {
		thread->bootstrap_yielded = true;
		return sys_yield();
	}
	application_lock();
	thread->bootstrap_waits = !message_is_there(thread->area);
	application_unlock();
	return thread->bootstrap_waits ? wait_queue_block(&thread->waiters, message_has_come)
				       : message_result(thread->area);
}
