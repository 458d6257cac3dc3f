/*
 * When threads move to the boot processor, and when they are sent back.
 */
#include "kernel/appkern/migrate.h"

#include <castle/abi.h>
#include <castle/kernel_page.h>
#include "arch/ia32/cpu.h"
#include "arch/ia32/trap.h"
#include "kernel/appkern/lock.h"
#include "kernel/appkern/message.h"
#include "kernel/appkern/options.h"
#include "kernel/appkern/scheduler.h"
#include "kernel/core/supervisor.h"
#include "kernel/proc/process.h"
#include "kernel/proc/scheduler.h"
#include "kernel/proc/signal.h"
#include "kernel/proc/thread.h"
#include "kernel/time/timer.h"

/*
 * Forwarding takes some 400 to 600 cycles. So many requests with less computing before each, on
 * average, are worth the move in any case; or if the boot processor would idle otherwise.
 */
#define BOUND_REQUESTS      32
#define BOUND_CYCLES        2000
#define BOUND_REQUESTS_IDLE 8
#define BOUND_CYCLES_IDLE   20000

/* A thread goes back when so many ticks found it computing, and something else wants the boot
 * processor: another thread at the tick, or so many bootstrap threads since the last one. */
#define COMPUTING_TICKS 3
#define DISTURBANCES    16

/* Bootstrap threads go first, but for so many times in a tick only, lest threads that are away never
 * get on. */
#define DISTURBANCES_MAX 256

uint32_t migrate_count_away, migrate_count_back;

static struct list away = LIST_INITIALISER(away); /* threads that were told to move, and did */
static uint32_t disturbances;
static struct timer timer;

static enum migrate_wish wish_of(const struct application_thread *thread)
{
	if (thread->requests == BOUND_REQUESTS &&
	    thread->computed < BOUND_REQUESTS * BOUND_CYCLES)
		return MIGRATE;
	if (thread->requests % BOUND_REQUESTS_IDLE == 0 &&
	    thread->computed < thread->requests * BOUND_CYCLES_IDLE)
		return MIGRATE_IF_IDLE;
	return MIGRATE_STAY;
}

bool migrate_is_due(struct application_thread *thread)
{
	thread->requests++;
	thread->computed += cpu_cycles() - thread->resumed;
	thread->wish = wish_of(thread);
	if (thread->requests == BOUND_REQUESTS)
		thread->requests = thread->computed = 0;
	return thread->wish != MIGRATE_STAY;
}

bool migrate_is_granted(const struct application_thread *thread)
{
	return thread->wish == MIGRATE ||
	       (thread->wish == MIGRATE_IF_IDLE && !scheduler_has_other());
}

/* The tick interrupted user mode; sysenter does not change the frame's vector, but its eip. */
static bool is_computing(const struct thread *thread)
{
	return thread->frame.vector >= VECTOR_INTERRUPTS &&
	       thread->frame.vector < VECTOR_INTERRUPTS + VECTOR_INTERRUPTS_COUNT &&
	       thread->frame.eip != CASTLE_SYSENTER_RETURN;
}

/* The thread that is away and runs now, or NULL. */
static struct application_thread *find_running(void)
{
	struct list *node;

	list_for_each (node, &away) {
		struct application_thread *thread =
			list_entry(node, struct application_thread, queue);
		if (current_thread && current_thread->tid == thread->tid)
			return thread;
	}
	return NULL;
}

static void look_at(struct application_thread *thread)
{
	const bool wanted = disturbances >= DISTURBANCES || scheduler_has_other();

	if (!is_computing(current_thread))
		thread->computing = 0;
	else if (++thread->computing >= COMPUTING_TICKS && wanted && !application_has_ready()) {
		thread->computing = 0;
		migrate_count_back++;
		signal_send_thread(current_thread, CASTLE_SIGRECALL);
	}
}

/* A thread that waits for an application processor comes here instead. */
static void fetch(void)
{
	struct application_thread *thread = application_take_ready();

	if (!thread)
		return;
	thread->wish = MIGRATE;
	message_ask_to_move(thread);
}

static void look(struct timer *again)
{
	struct application_thread *thread = find_running();

	if (thread)
		look_at(thread);
	else if (!current_thread)
		fetch();
	disturbances = 0;
	timer_start(again, 1);
}

void migrate_init(void)
{
	if (!application_options.migrate)
		return;
	timer_prepare(&timer, look);
	timer_start(&timer, 1);
}

void migrate_away(struct application_thread *thread)
{
	application_lock();
	list_remove(&thread->queue);
	thread->state = APPLICATION_AWAY;
	application_unlock();
	list_append(&away, &thread->queue);
	thread->wish = MIGRATE_STAY;
	thread->computing = 0;
	migrate_count_away++;
}

/* The kernel's thread that runs the code of one that is away; NULL if it has ended. */
static struct thread *native_of(const struct application_thread *thread)
{
	struct process *process = process_find(thread->pid);
	struct list *node;

	list_for_each (node, &process->threads) {
		struct thread *native = list_entry(node, struct thread, siblings);
		if (native->tid == thread->tid)
			return native;
	}
	return NULL;
}

/* Behind all that are ready. */
static void step_back(struct thread *native)
{
	if (native == current_thread) {
		native->slice = 0;
		exit_work_set(EXIT_WORK_SCHEDULE);
	} else if (native->state == THREAD_READY) {
		scheduler_remove(native);
		scheduler_ready(native);
	}
}

void migrate_give_way(void)
{
	struct list *node;

	if (list_empty(&away) || ++disturbances > DISTURBANCES_MAX)
		return;
	list_for_each (node, &away) {
		struct thread *native =
			native_of(list_entry(node, struct application_thread, queue));
		if (native)
			step_back(native);
	}
}
