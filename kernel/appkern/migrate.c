/*
 * When threads move to the boot processor, and when they are sent back.
 */
#include "kernel/appkern/migrate.h"

#include <castle/abi.h>
#include <castle/kernel_page.h>
#include "arch/ia32/cpu.h"
#include "arch/ia32/trap.h"
#include "kernel/appkern/lock.h"
#include "kernel/appkern/options.h"
#include "kernel/proc/signal.h"
#include "kernel/proc/thread.h"
#include "kernel/time/timer.h"

/* So many calls in a row with less computing before each than the call costs. */
#define BOUND_CALLS  32
#define BOUND_CYCLES 2000

/* So many ticks in a row that find the thread computing. */
#define COMPUTING_TICKS 3

uint32_t migrate_count_away, migrate_count_back;

static struct list away = LIST_INITIALISER(away); /* threads that were told to move, and did */
static struct timer timer;

static bool is_bound(const struct application_thread *thread)
{
	return thread->bound_calls >= BOUND_CALLS;
}

bool migrate_is_due(struct application_thread *thread)
{
	if (cpu_cycles() - thread->resumed < BOUND_CYCLES)
		thread->bound_calls++;
	else
		thread->bound_calls = 0;
	return is_bound(thread);
}

/* The tick interrupted user mode; sysenter does not change the frame's vector, but its eip. */
static bool is_computing(const struct thread *thread)
{
	return thread->frame.vector >= VECTOR_INTERRUPTS &&
	       thread->frame.vector < VECTOR_INTERRUPTS + VECTOR_INTERRUPTS_COUNT &&
	       thread->frame.eip != CASTLE_SYSENTER_RETURN;
}

static void look_at(struct application_thread *thread)
{
	const bool runs = current_thread && current_thread->tid == thread->tid;

	if (!runs || !is_computing(current_thread)) {
		thread->computing = 0;
		return;
	}
	if (++thread->computing < COMPUTING_TICKS)
		return;
	thread->computing = 0;
	migrate_count_back++;
	signal_send_thread(current_thread, CASTLE_SIGRECALL);
}

static void look(struct timer *again)
{
	struct list *node, *following;

	list_for_each_safe (node, following, &away)
		look_at(list_entry(node, struct application_thread, queue));
	timer_start(again, 1);
}

void migrate_init(void)
{
	if (!application_options.migrate)
		return;
	timer_prepare(&timer, look);
	timer_start(&timer, 1);
}

/* Its bootstrap thread may also have taken it over to end; only one that was asked to comes back.
 */
void migrate_away(struct application_thread *thread)
{
	application_lock();
	list_remove(&thread->queue);
	thread->state = APPLICATION_AWAY;
	application_unlock();
	if (!is_bound(thread))
		return;
	list_append(&away, &thread->queue);
	thread->bound_calls = 0;
	thread->computing = 0;
	migrate_count_away++;
}
