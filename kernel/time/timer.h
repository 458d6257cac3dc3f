/*
 * Timers, in ticks of the system timer: a hashed timing wheel (Varghese and Lauck, SOSP 1987). They
 * expire in kernel context, as supervisor signals.
 */
#ifndef KERNEL_TIME_TIMER_H
#define KERNEL_TIME_TIMER_H

#include <stdbool.h>
#include <stdint.h>
#include "kernel/lib/list.h"
#include "kernel/lock/domain.h"
#include "kernel/lock/lock.h"

#define TICK_HZ          100u
#define TICK_NANOSECONDS (1000000000u / TICK_HZ)

struct timer {
	struct list wheel; /* in a slot of the wheel; empty when not running */
	uint32_t expiry;   /* tick */
	void (*expired)(struct timer *timer);
};

extern volatile uint32_t timer_ticks; /* since boot; advanced by the first-level handler */

/* At boot. */
void timer_init(void);

/* The lock of timers, or the one of all blocking and running. Caller holds nothing. */
static inline void timers_acquire(void)
{
	lock_acquire(blocking, &blocking_lock);
	lock_acquire(timers, &timers_lock);
}

/* Caller holds timers. */
static inline void timers_release(void)
{
	assert_held(timers);
	lock_release(timers, &timers_lock);
	lock_release(blocking, &blocking_lock);
}

/* Before its first start. Any context. */
static inline void timer_prepare(struct timer *timer, void (*expired)(struct timer *))
{
	list_init(&timer->wheel);
	timer->expired = expired;
}

/*
 * Calls timer->expired after at least `ticks` ticks, at least 1. The timer must not be running.
 * Caller holds timers.
 */
void timer_start(struct timer *timer, uint32_t ticks);

/*
 * True if the timer was running: then its handler has not run and will not. False if it was not
 * started, or its handler has run: handlers run under this lock, so none is in the middle of it.
 * Caller holds timers.
 */
static inline bool timer_cancel(struct timer *timer)
{
	const bool running = !list_empty(&timer->wheel);

	assert_held(timers);
	list_remove(&timer->wheel);
	return running;
}

/* Runs what has expired; the supervisor signal of the system timer. Caller holds timers. */
void timer_expire(void);

#endif
