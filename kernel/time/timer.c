/*
 * The timing wheel. A tick looks at one slot alone; a timer further away than the wheel's turn
 * stays in its slot for another round.
 */
#include "kernel/time/timer.h"

#include "kernel/lock/domain.h"
#include "kernel/lib/assert.h"

#define WHEEL_SLOTS 256

volatile uint32_t timer_ticks UNGUARDED("the timer's interrupt alone writes");

static struct list wheel[WHEEL_SLOTS] GUARDED_BY(timers);
static uint32_t expired_ticks GUARDED_BY(timers); /* ticks whose slots have been run */

void timer_init(void)
{
	for (unsigned i = 0; i < WHEEL_SLOTS; i++)
		list_init(&wheel[i]);
}

void timer_start(struct timer *timer, uint32_t ticks)
{
	assert_held(timers);
	assert(list_empty(&timer->wheel));
	timer->expiry = expired_ticks + (ticks ? ticks : 1);
	list_append(&wheel[timer->expiry % WHEEL_SLOTS], &timer->wheel);
}

static void slot_expire(uint32_t tick)
{
	struct list *node, *following;
	struct list due = LIST_INITIALISER(due);

	/* First apart, then run: a handler may start and stop any timer. */
	list_for_each_safe (node, following, &wheel[tick % WHEEL_SLOTS]) {
		struct timer *timer = list_entry(node, struct timer, wheel);
		if (timer->expiry == tick) {
			list_remove(node);
			list_append(&due, node);
		}
	}
	while (!list_empty(&due)) {
		struct timer *timer = list_entry(due.next, struct timer, wheel);
		list_remove(&timer->wheel);
		timer->expired(timer);
	}
}

void timer_expire(void)
{
	assert_held(timers);
	while (expired_ticks != timer_ticks)
		slot_expire(++expired_ticks);
}
