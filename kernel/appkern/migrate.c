/*
 * When threads move to the boot processor, and when they are sent back.
 */
#include "kernel/appkern/migrate.h"

#include <castle/abi.h>
#include "arch/ia32/cpu.h"
#include "arch/ia32/trap.h"
#include "kernel/appkern/lock.h"
#include "kernel/appkern/message.h"
#include "kernel/appkern/options.h"
#include "kernel/appkern/scheduler.h"
#include "kernel/interrupt/supervisor.h"
#include "kernel/lock/domain.h"
#include "kernel/proc/process.h"
#include "kernel/sched/scheduler.h"
#include "kernel/proc/signal.h"
#include "kernel/time/timer.h"

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

/* If others wait for an application processor, all have their turns here. Longer than a time slice:
 * a move costs more than a switch, and who ends within its turn has moved once. */
#define TURN_TICKS 30

/* Bootstrap threads go first, but no more often than this in a tick: threads that are away must get
 * on, too. */
#define MESSAGES_FIRST 256

uint32_t migrate_count_away, migrate_count_back GUARDED_BY(driver);

static struct list away GUARDED_BY(driver) = LIST_INITIALISER(away);
uint32_t migrate_messages GUARDED_BY(driver);
static bool found_busy GUARDED_BY(driver); /* in this tick; then threads were looked at */
static struct timer timer GUARDED_BY(timers);

/*
 * Requests that followed on another thread's, in this tick and the last: a thread that is alone
 * with its requests does not keep itself from moving. Written by all processors; roughly right will
 * do.
 */
static volatile uint32_t changes, changes_before UNGUARDED("roughly right will do");
static const struct application_thread *volatile last_sender UNGUARDED("compared, never followed");

void migrate_note_request(struct application_thread *thread)
{
	thread->computed += cpu_cycles() - thread->resumed;
	if (last_sender != thread) {
		last_sender = thread;
		changes++;
	}
}

bool migrate_is_due(struct application_thread *thread)
{
	migrate_note_request(thread);
	if (++thread->requests < BOUND_REQUESTS)
		return false;
	thread->pace = thread->computed / BOUND_REQUESTS;
	thread->computed = thread->requests = 0;
	return thread->pace < BOUND_CYCLES_IDLE;
}

bool migrate_is_granted(const struct application_thread *thread)
{
	return thread->pace < BOUND_CYCLES ||
	       (thread->pace < BOUND_CYCLES_IDLE && changes_before + changes < BUSY_MESSAGES &&
		!scheduler_has_other());
}

bool migrate_has_away(void)
{
	return !list_empty(&away);
}

static void step_back(struct application_thread *thread, struct thread *native)
{
	(void)thread;
	scheduler_step_back(native);
}

void migrate_away(struct application_thread *thread)
{
	application_lock();
	list_remove(&thread->queue);
	thread->state = APPLICATION_AWAY;
	application_unlock();
	list_append(&away, &thread->queue);
	thread->computing = 0;
	thread->recalled = false;
	migrate_count_away++;
	step_back(thread, current_thread);
}

/* The kernel's thread that runs the code of one that is away; NULL if it has ended. */
static struct thread *native_of(const struct application_thread *thread)
{
	struct process *process = process_find(thread->pid);
	struct thread *found = NULL;
	struct list *node;

	/* Gone, and waited for; a child has the driver's descriptor, which keeps the thread. */
	if (!process)
		return NULL;
	list_for_each (node, &process->threads) {
		struct thread *native = list_entry(node, struct thread, siblings);
		if (native->tid == thread->tid)
			found = native;
	}
	process_release(process);
	return found;
}

/* One whose native thread has ended is left to the driver to free. */
static void for_each_away(void (*visit)(struct application_thread *, struct thread *))
{
	struct list *node, *following;

	list_for_each_safe (node, following, &away) {
		struct application_thread *thread =
			list_entry(node, struct application_thread, queue);
		struct thread *native = native_of(thread);
		if (native) {
			visit(thread, native);
		} else {
			list_remove(&thread->queue);
			thread->state = APPLICATION_ENDED;
		}
	}
}

static bool is_computing(const struct thread *native)
{
	return native->state != THREAD_WAITING && trap_was_interrupt(&native->frame);
}

/* Whether it, or another one, has to wait for the boot processor. */
static bool is_contended(const struct thread *native)
{
	return native == current_thread ? scheduler_has_other() : current_thread != NULL;
}

/* A thread that waits for an application processor comes here instead. */
static void fetch(void)
{
	struct application_thread *thread = application_take_ready();

	if (!thread)
		return;
	thread->pace = 0;
	message_ask_to_move(thread);
}

/* It is told once: a second signal would come when it is a bootstrap thread again. */
static void send_back(struct application_thread *thread, struct thread *native)
{
	thread->recalled = true;
	migrate_count_back++;
	signal_send_thread(native, CASTLE_SIGRECALL);
}

/* Whether a thread that computes had better do so on an application processor, none of which has
 * too much to do. */
static bool is_unwelcome(const struct application_thread *thread, const struct thread *native)
{
	return migrate_messages >= BUSY_MESSAGES ||
	       (thread->computing >= COMPUTING_TICKS && is_contended(native));
}

static void look_at(struct application_thread *thread, struct thread *native)
{
	thread->computing = is_computing(native) ? thread->computing + 1 : 0;
	if (!thread->computing || thread->recalled)
		return;
	if (!application_has_ready()) {
		if (is_unwelcome(thread, native))
			send_back(thread, native);
	} else if (thread->computing >= TURN_TICKS) {
		if (!is_contended(native))
			fetch();
		send_back(thread, native);
	}
}

static void look(struct timer *again)
{
	for_each_away(look_at);
	if (!current_thread)
		fetch();
	changes_before = changes;
	changes = migrate_messages = 0;
	found_busy = false;
	timer_start(again, 1);
}

void migrate_init(void)
{
	if (!application_options.migrate)
		return;
	timer_prepare(&timer, look);
	timer_start(&timer, 1);
}

void migrate_give_way(void)
{
	if (++migrate_messages >= BUSY_MESSAGES && !found_busy) {
		found_busy = true;
		for_each_away(look_at);
	}
	if (migrate_messages <= MESSAGES_FIRST)
		for_each_away(step_back);
}
