/*
 * SIGALRM when a time is over: alarm() and the real-time interval timer.
 */
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>
#include "result.h"

#define NANOSECONDS_PER_MICROSECOND 1000

static struct castle_timespec castle_of(const struct timeval *time)
{
	return (struct castle_timespec){
		.seconds = time->tv_sec,
		.nanoseconds = time->tv_usec * NANOSECONDS_PER_MICROSECOND,
	};
}

static struct itimerval timer_of(const struct castle_alarm *alarm)
{
	return (struct itimerval){
		.it_value = { alarm->value.seconds,
			      alarm->value.nanoseconds / NANOSECONDS_PER_MICROSECOND },
		.it_interval = { alarm->interval.seconds,
				 alarm->interval.nanoseconds / NANOSECONDS_PER_MICROSECOND },
	};
}

/* ITIMER_REAL is the only one: processor time is counted in ticks, and nobody told of it. */
int setitimer(int which, const struct itimerval *restrict new, struct itimerval *restrict old)
{
	struct castle_alarm alarm, before;
	int result;

	if (which != ITIMER_REAL)
		return failure(EINVAL);
	if (new)
		alarm = (struct castle_alarm){ castle_of(&new->it_value),
					       castle_of(&new->it_interval) };
	result = castle_call2(CASTLE_CALL_alarm, address(new ? &alarm : NULL), address(&before));
	if (!result && old)
		*old = timer_of(&before);
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
