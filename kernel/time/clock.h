/*
 * Clocks: the time since boot from ticks and, once its rate is known, the cycle counter between
 * them.
 */
#ifndef KERNEL_TIME_CLOCK_H
#define KERNEL_TIME_CLOCK_H

#include <stdint.h>
#include <castle/abi.h>

/* Wall-clock time, for time stamps. Any context. */
void time_now(struct castle_timespec *time);

/*
 * The same as of the last tick, which is cheaper: what files say of their last change. The
 * nanoseconds are written last. Any context.
 */
void time_now_coarse(struct castle_timespec *time);

/* CASTLE_CLOCK_* as programs read it; on any processor. 0 or -EINVAL. Any context. */
int clock_read(uint32_t clock, struct castle_timespec *time);

/*
 * Called on each tick by the supervisor signal: measures the cycle counter against the ticks.
 * Caller holds timers.
 */
void clock_tick(void);

/* Starts the system timer. At boot. */
void clock_init(void);

/* Cycles of the counter in a millisecond; 0 while not yet known. Any context. */
uint32_t clock_cycles_per_ms(void);

/*
 * Converts a time to ticks, rounded so that waiting for them is never too short; 0 ticks for no
 * time at all. 0 or -EINVAL. Any context.
 */
int ticks_from_timespec(const struct castle_timespec *time, uint32_t *ticks);

/* The same of a time in the program; also -EFAULT. Caller holds nothing. */
int ticks_from_user(uint32_t address, uint32_t *ticks);

/* And back; no time for negative ones. Any context. */
struct castle_timespec timespec_from_ticks(int32_t ticks);

#endif
