/*
 * When threads move to the boot processor, and when they are sent back.
 */
#include "kernel/appkern/migrate.h"

#include "kernel/appkern/castle/native.h"
#include "kernel/appkern/ia32/machine.h"
#include "kernel/appkern/lock.h"
#include "kernel/appkern/message.h"
#include "kernel/appkern/options.h"
#include "kernel/appkern/scheduler.h"

/*
 * Forwarding takes some 400 to 900 cycles. A thread that computes less than this between two
 * requests, on average over so many of them, is better off on the boot processor; or one that
 * computes less than that, as long as the boot processor would idle otherwise.
 */
#define BOUND_REQUESTS    32
#define BOUND_CYCLES      2000
#define BOUND_CYCLES_IDLE 20000

/*
 * The boot processor is busy if it was sent so many messages in a tick. Then a thread that
 * is found computing there is sent back at once; otherwise at the third tick in a row, if another
 * one wants to run.
 */
#define BUSY_MESSAGES   32
#define COMPUTING_TICKS 3

/*
 * If others wait for an application processor, all have their turns here. Longer than a time slice:
 * a move costs more than a switch, and a thread that ends within its turn has moved once.
 */
#define TURN_TICKS 30

/*
 * Bootstrap threads go first, but no more often than this in a tick: threads that are away must get
 * on, too.
 */
#define MESSAGES_FIRST 256

uint32_t migrate_count_away GUARDED_BY(driver), migrate_count_back GUARDED_BY(driver);
uint32_t migrate_messages GUARDED_BY(driver);

static struct list threads_away GUARDED_BY(driver) = LIST_INITIALISER(threads_away);
static bool found_busy GUARDED_BY(driver); /* in this tick; then threads were looked at */

/*
 * Requests that followed on another thread's, in this tick and the last: a thread that is alone
 * with its requests does not keep itself from moving. Written by all processors.
 */
static volatile uint32_t changes UNGUARDED("roughly right will do");
static volatile uint32_t changes_before UNGUARDED("roughly right will do");
static const struct application_thread *volatile last_sender UNGUARDED("compared, never followed");

static inline void note_request(struct application_thread *thread)
{
	thread->computed += cpu_cycles() - thread->resumed;
	if (last_sender != thread) {
		last_sender = thread;
		changes++;
	}
}

void migrate_note_fault(struct application_thread *thread)
{
	note_request(thread);
}

bool migrate_note_call(struct application_thread *thread)
{
	note_request(thread);
	if (++thread->requests < BOUND_REQUESTS)
		return false;
	thread->pace = thread->computed / BOUND_REQUESTS;
	thread->computed = thread->requests = 0;
	return thread->pace < BOUND_CYCLES_IDLE;
}

bool migrate_is_granted(const struct application_thread *thread)
{
	assert_held(driver);
	if (thread->state == APPLICATION_AWAY)
		return false;
	return thread->pace < BOUND_CYCLES ||
	       (thread->pace < BOUND_CYCLES_IDLE && changes_before + changes < BUSY_MESSAGES &&
		!native_has_other());
}

bool migrate_has_away(void)
{
	assert_held(driver);
	return !list_empty(&threads_away);
}

void migrate_leave(struct application_thread *thread)
{
	assert_held(driver);
	application_lock();
	list_remove(&thread->queue); /* it may be in that of messages */
	thread->state = APPLICATION_AWAY;
	application_unlock();
	list_append(&threads_away, &thread->queue);
	thread->native = native_caller();
	native_thread_keep(thread->native);
	thread->computing = 0;
	thread->recalled = false;
	migrate_count_away++;
	native_thread_step_back(thread->native);
}

void migrate_forget(struct application_thread *thread)
{
	assert_held(driver);
	list_remove(&thread->queue);
	thread->state = APPLICATION_ENDED;
	native_thread_release(thread->native);
	thread->native = NULL;
}

void migrate_return(struct application_thread *thread)
{
	assert_held(driver);
	native_thread_recall_cancel(thread->native);
	migrate_forget(thread);
	thread->state = APPLICATION_STOPPED;
}

/* One whose native thread has ended is left to the driver to free. */
static void for_each_away(void (*visit)(struct application_thread *))
{
	struct list *node, *following;

	list_for_each_safe (node, following, &threads_away) {
		struct application_thread *thread =
			list_entry(node, struct application_thread, queue);
		if (native_thread_has_ended(thread->native))
			migrate_forget(thread);
		else
			visit(thread);
	}
}

/* Whether the native thread, or another one, has to wait for the boot processor. */
static bool native_is_contended(const struct thread *native)
{
	return native == native_caller() ? native_has_other() : !native_is_idle();
}

/* A thread that waits for an application processor comes here instead. */
static void fetch_ready(void)
{
	struct application_thread *thread = application_take_ready();

	if (!thread)
		return;
	thread->pace = 0;
	message_ask_to_move(thread);
}

/* It is told once: a second signal would come when it is a bootstrap thread again. */
static void send_back(struct application_thread *thread)
{
	thread->recalled = true;
	migrate_count_back++;
	native_thread_recall(thread->native);
}

/*
 * A thread that computes had better do so on an application processor if that is to be had and the
 * boot processor has too much to do; else it has its turn, if others want one as well.
 */
static void look_at(struct application_thread *thread)
{
	const bool contended = native_is_contended(thread->native);

	thread->computing = native_thread_is_computing(thread->native) ? thread->computing + 1 : 0;
	if (!thread->computing || thread->recalled)
		return;
	if (!application_has_ready()) {
		if (migrate_messages >= BUSY_MESSAGES ||
		    (thread->computing >= COMPUTING_TICKS && contended))
			send_back(thread);
	} else if (thread->computing >= TURN_TICKS) {
		if (!contended)
			fetch_ready();
		send_back(thread);
	}
}

static void tick(void)
{
	assert_held(driver);
	for_each_away(look_at);
	if (native_is_idle())
		fetch_ready();
	changes_before = changes;
	changes = migrate_messages = 0;
	found_busy = false;
}

void migrate_init(void)
{
	if (application_options.migrate)
		native_each_tick(tick);
}

static void step_back(struct application_thread *thread)
{
	native_thread_step_back(thread->native);
}

void migrate_step_back(void)
{
	assert_held(driver);
	if (++migrate_messages >= BUSY_MESSAGES && !found_busy) {
		found_busy = true;
		for_each_away(look_at);
	}
	if (migrate_messages <= MESSAGES_FIRST)
		for_each_away(step_back);
}
