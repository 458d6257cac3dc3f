/*
 * The clocks of the programs. Ticks say what time it is; the cycle counter, measured against them
 * over the first ticks after boot, says how far into the tick.
 */
#include "kernel/time/clock.h"

#include <castle/errno.h>
#include <stdbool.h>
#include "arch/ia32/cpu.h"
#include "arch/ia32/pit.h"
#include "arch/ia32/rtc.h"
#include "kernel/interrupt/supervisor.h"
#include "kernel/lib/arithmetic.h"
#include "kernel/lock/domain.h"
#include "kernel/lock/lock.h"
#include "kernel/mem/user_copy.h"
#include "kernel/time/timer.h"

#define NANOSECONDS_PER_SECOND 1000000000u
#define CALIBRATION_TICKS      4u

/* The cycle counter at the last tick; `changes` is odd while a tick is counted (a "seqlock"). */
static volatile uint64_t tick_cycles UNGUARDED("the timer's interrupt alone writes");
static volatile uint32_t tick_changes UNGUARDED("the timer's interrupt alone writes");

/* Cycle counter and tick at the start of calibration, and its result, 0 while that is unknown. */
static uint64_t calibration_cycles GUARDED_BY(timers);
static uint32_t calibration_tick GUARDED_BY(timers);
static uint32_t cycles_per_tick UNGUARDED("written once");

static uint32_t boot_seconds SET_AT_BOOT; /* wall-clock time at boot */

/* First level. */
static void timer_interrupt(void)
{
	tick_changes++;
	timer_ticks++;
	tick_cycles = cpu_cycles();
	tick_changes++;
	supervisor_raise(SUPERVISOR_TIMER);
}

/* Second level. */
static void timer_work(void)
{
	timers_acquire();
	clock_tick();
	timer_expire();
	timers_release();
}

void clock_init(void)
{
	boot_seconds = rtc_read_seconds();
	timer_init();
	supervisor_register(SUPERVISOR_TIMER, timer_work);
	pit_start(TICK_HZ, timer_interrupt);
}

/* Starts at the first tick, since the time before it is of unknown length. */
void clock_tick(void)
{
	assert_held(timers);
	if (cycles_per_tick)
		return;
	if (!calibration_tick) {
		calibration_tick = timer_ticks;
		calibration_cycles = tick_cycles;
	} else if (timer_ticks - calibration_tick >= CALIBRATION_TICKS) {
		cycles_per_tick =
			divide64(tick_cycles - calibration_cycles, timer_ticks - calibration_tick);
	}
}

uint32_t clock_cycles_per_ms(void)
{
	return cycles_per_tick / (1000 / TICK_HZ);
}

/* Nanoseconds since the last tick; stays within the tick, so that time never runs backwards. */
static uint32_t nanoseconds_into_tick(uint64_t cycles)
{
	if (!cycles_per_tick)
		return 0;
	if (cycles >= cycles_per_tick)
		return TICK_NANOSECONDS - 1;
	return divide64(cycles * TICK_NANOSECONDS, cycles_per_tick);
}

/* On any processor; it takes no lock. */
static struct castle_timespec time_since_boot(void)
{
	uint32_t ticks, changes;
	uint64_t start;

	/* A tick may come between reading the two, here or on the processor that counts them. */
	do {
		changes = tick_changes;
		ticks = timer_ticks;
		start = tick_cycles;
	} while (changes & 1 || changes != tick_changes);
	return (struct castle_timespec){
		.seconds = ticks / TICK_HZ,
		.nanoseconds = ticks % TICK_HZ * TICK_NANOSECONDS +
			       nanoseconds_into_tick(cpu_cycles() - start),
	};
}

void time_now(struct castle_timespec *time)
{
	*time = time_since_boot();
	time->seconds += boot_seconds;
}

void time_now_coarse(struct castle_timespec *time)
{
	const uint32_t ticks = timer_ticks;

	time->seconds = boot_seconds + ticks / TICK_HZ;
	__atomic_store_n(&time->nanoseconds, ticks % TICK_HZ * TICK_NANOSECONDS, __ATOMIC_RELEASE);
}

int clock_read(uint32_t clock, struct castle_timespec *time)
{
	if (clock == CASTLE_CLOCK_REALTIME)
		time_now(time);
	else if (clock == CASTLE_CLOCK_MONOTONIC)
		*time = time_since_boot();
	else
		return -EINVAL;
	return 0;
}

/* Rounded up, plus one for the tick that is under way: never too short. */
int ticks_from_timespec(const struct castle_timespec *time, uint32_t *ticks)
{
	uint32_t seconds = time->seconds;

	if (time->nanoseconds >= NANOSECONDS_PER_SECOND)
		return -EINVAL;
	if (seconds >= INT32_MAX / TICK_HZ)
		seconds = INT32_MAX / TICK_HZ - 1;
	*ticks = seconds * TICK_HZ + (time->nanoseconds + TICK_NANOSECONDS - 1) / TICK_NANOSECONDS;
	if (*ticks > 0)
		++*ticks;
	return 0;
}

struct castle_timespec timespec_from_ticks(int32_t ticks)
{
	return (struct castle_timespec){
		.seconds = ticks > 0 ? ticks / TICK_HZ : 0,
		.nanoseconds = ticks > 0 ? ticks % TICK_HZ * TICK_NANOSECONDS : 0,
	};
}

int ticks_from_user(uint32_t address, uint32_t *ticks)
{
	struct castle_timespec time;
	const int error = copy_from_user(&time, address, sizeof time);

	return error ? error : ticks_from_timespec(&time, ticks);
}
