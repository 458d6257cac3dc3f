/*
 * Messages through the shared area (Figure 4.3). The boot processor learns of them like a device's
 * driver: its interrupt handler takes note, its second level wakes whoever waits. A bootstrap
 * thread that polls, or is awake anyway, needs neither.
 */
#include "kernel/appkern/message.h"

#include <castle/errno.h>
#include "kernel/appkern/castle/native.h"
#include "kernel/appkern/ia32/machine.h"
#include "kernel/appkern/lock.h"
#include "kernel/appkern/migrate.h"
#include "kernel/appkern/options.h"
#include "kernel/appkern/scheduler.h"

/*
 * Looks of a bootstrap thread before it gives the boot processor away: as many as a program needs
 * between two calls of which it does little else. To block, and to be woken by an interrupt, would
 * then be most of what a call costs.
 */
#define WAIT_LOOKS 130
/* Of those, if others are ready: less than it takes to block and to be woken. */
#define WAIT_LOOKS_SOON 30

/* Threads with a message whose bootstrap thread waits. */
static struct list messages GUARDED_BY(application) = LIST_INITIALISER(messages);

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

	area->nr = thread->message = message;
	area->pc = registers_instruction(&thread->registers);
	area->cpu = this_processor->number;
	application_fpu_save(thread);
	application_lock();
	application_leave(thread, state);
	tell = thread->bootstrap == BOOTSTRAP_WAITS;
	thread->bootstrap = BOOTSTRAP_AWAKE;
	area->bootstrap_has_msg = 1;
	if (tell)
		list_append(&messages, &thread->queue);
	application_unlock();
	if (tell)
		notify_boot_processor();
	return application_schedule();
}

/* Counts one in `counter`, and logs it. */
#define COUNT_MESSAGE(counter, thread, message)                                               \
	do {                                                                                  \
		if (TRACE_COUNTS(this_processor->counts.counter, MESSAGE))                    \
			patch_call_on(trace_record_on, this_processor->number, TRACE_MESSAGE, \
				      message, (thread)->bootstrap == BOOTSTRAP_WAITS);       \
	} while (0)

/*
 * Section 4.3.4: a process or thread that ends does so here first. The kernel knows nothing of
 * application threads, and would leave one behind when the thread or process is gone.
 */
struct application_thread *message_send_call(struct application_thread *thread)
{
	const uint32_t number = registers_call(&thread->registers);
	struct castle_apkern_area *area = thread->area;

	COUNT_MESSAGE(calls_forwarded, thread, CASTLE_APKERN_SYSTEM_CALL);
	area->u.syscall.nr = number;
	area->u.syscall.arg1 = registers_argument(&thread->registers, 0);
	area->u.syscall.arg2 = registers_argument(&thread->registers, 1);
	area->u.syscall.arg3 = registers_argument(&thread->registers, 2);
	area->u.syscall.arg4 = registers_argument(&thread->registers, 3);
	if (application_options.migrate)
		area->migrate = migrate_note_call(thread);
	if (!native_call_ends(number))
		return message_send(thread, CASTLE_APKERN_SYSTEM_CALL, APPLICATION_FORWARDING);
	space_leave();
	return message_send(thread, CASTLE_APKERN_SYSTEM_CALL, APPLICATION_ENDED);
}

struct application_thread *message_send_fault(struct application_thread *thread, uint32_t address,
					      bool write)
{
	COUNT_MESSAGE(faults_forwarded, thread, CASTLE_APKERN_PAGE_FAULT);
	if (application_options.migrate)
		migrate_note_fault(thread);
	thread->area->u.page_fault.addr = address;
	thread->area->u.page_fault.write = write;
	return message_send(thread, CASTLE_APKERN_PAGE_FAULT, APPLICATION_FORWARDING);
}

struct application_thread *message_send_exception(struct application_thread *thread)
{
	COUNT_MESSAGE(exceptions_forwarded, thread, CASTLE_APKERN_EXCEPTION);
	thread->area->u.exception.vector = registers_exception(&thread->registers);
	return message_send(thread, CASTLE_APKERN_EXCEPTION, APPLICATION_FORWARDING);
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

void message_work(void)
{
	struct application_thread *thread;

	assert_held(driver);
	while ((thread = message_take()))
		native_wake(&thread->waiters);
	if (application_options.migrate)
		migrate_step_back();
}

void message_ask_to_move(struct application_thread *thread)
{
	assert_held(driver);
	thread->area->nr = thread->message = CASTLE_APKERN_MOVE;
	thread->area->migrate = 1;
	thread->area->bootstrap_has_msg = 1;
	thread->bootstrap = BOOTSTRAP_AWAKE;
	native_wake(&thread->waiters);
}

/*
 * The program may write these words at any time. So they decide but whether its own thread waits,
 * and what it is told; it may wait in vain, but not for ever: a signal ends that.
 */
static inline bool message_is_there(const struct castle_apkern_area *area)
{
	return area->bootstrap_has_msg || area->signals;
}

static int32_t message_result(const struct castle_apkern_area *area)
{
	return area->bootstrap_has_msg ? 0 : -EINTR;
}

/*
 * A bootstrap thread that has just activated its application thread often gets the next message
 * soon. If it did so last time, others wait a moment for it. True if the message has come.
 */
static bool message_look_for(const struct application_thread *thread)
{
	const struct castle_apkern_area *area = thread->area;
	uint32_t looks = 0;

	for (const uint32_t first = thread->soon ? WAIT_LOOKS_SOON : 0; looks < first; looks++) {
		if (message_is_there(area))
			return true;
		cpu_pause();
	}
	for (; looks < WAIT_LOOKS && !native_is_wanted(); looks++) {
		if (message_is_there(area))
			return true;
		cpu_pause();
	}
	return false;
}

/*
 * If others are ready, they go first, once; a message that has come meanwhile needs neither an
 * interrupt nor a thread to be woken, and all are served in turn. The caller looks again. Not while
 * application threads are away: they compute, and only a thread that is woken goes before them.
 */
int32_t message_wait(struct application_thread *thread)
{
	bool waits;

	assert_held(driver);
	thread->soon = message_look_for(thread);
	if (thread->soon) {
		migrate_messages++;
		return message_result(thread->area);
	}
	if (thread->bootstrap == BOOTSTRAP_AWAKE && native_has_other() && !migrate_has_away()) {
		thread->bootstrap = BOOTSTRAP_YIELDED;
		return native_yield();
	}
	application_lock();
	waits = !message_is_there(thread->area);
	if (waits)
		thread->bootstrap = BOOTSTRAP_WAITS;
	application_unlock();
	return waits ? native_wait(&thread->waiters) : message_result(thread->area);
}
