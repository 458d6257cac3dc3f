/*
 * Signals when a time is over: alarm() and the three interval timers. Processor time is counted in
 * ticks, all of them as user time, so ITIMER_PROF counts what ITIMER_VIRTUAL does.
 */
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>
#include "result.h"

#define NANOSECONDS_PER_MICROSECOND 1000
#define MICROSECONDS_PER_SECOND     1000000

_Static_assert(ITIMER_REAL == CASTLE_TIMER_REAL && ITIMER_VIRTUAL == CASTLE_TIMER_VIRTUAL &&
		       ITIMER_PROF == CASTLE_TIMER_PROFILE,
	       "the kernel numbers them otherwise");

static struct castle_timespec castle_of(const struct timeval *time)
{
	return (struct castle_timespec){
		.seconds = time->tv_sec,
		.nanoseconds = time->tv_usec * NANOSECONDS_PER_MICROSECOND,
	};
}

static struct timeval time_of(const struct castle_timespec *time)
{
	return (struct timeval){ time->seconds, time->nanoseconds / NANOSECONDS_PER_MICROSECOND };
}

static int is_time(const struct timeval *time)
{
	return time->tv_sec >= 0 && time->tv_usec >= 0 && time->tv_usec < MICROSECONDS_PER_SECOND;
}

int setitimer(int which, const struct itimerval *restrict new, struct itimerval *restrict old)
{
	struct castle_timer timer = { 0 };
	int result;

	if (which < ITIMER_REAL || which > ITIMER_PROF ||
	    (new && (!is_time(&new->it_value) || !is_time(&new->it_interval))))
		return failure(EINVAL);
	if (new) {
		timer.next = castle_of(&new->it_value);
		timer.interval = castle_of(&new->it_interval);
	}
	result = castle_call3(CASTLE_CALL_timer, new ? CASTLE_TIMER_SET : CASTLE_TIMER_GET, which,
			      address(&timer));
	if (!result && old)
		*old = (struct itimerval){ .it_interval = time_of(&timer.interval),
					   .it_value = time_of(&timer.next) };
	return result_of(result);
}

int getitimer(int which, struct itimerval *value)
{
	return setitimer(which, NULL, value);
}

/* What is left of a second counts as one: 0 says that there was no alarm. */
unsigned alarm(unsigned seconds)
{
	const struct itimerval new = { .it_value = { .tv_sec = seconds } };
	struct itimerval old = { 0 };

	setitimer(ITIMER_REAL, &new, &old);
	return old.it_value.tv_sec + (old.it_value.tv_usec > 0);
}

useconds_t ualarm(useconds_t first, useconds_t interval)
{
	const struct itimerval new = {
		.it_value = { first / MICROSECONDS_PER_SECOND, first % MICROSECONDS_PER_SECOND },
		.it_interval = { interval / MICROSECONDS_PER_SECOND,
				 interval % MICROSECONDS_PER_SECOND },
	};
	struct itimerval old = { 0 };

	setitimer(ITIMER_REAL, &new, &old);
	return old.it_value.tv_sec * MICROSECONDS_PER_SECOND + old.it_value.tv_usec;
}
