/*
 * Clocks, processor time and sleeping.
 */
#include <signal.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>
#include "result.h"
#include "thread.h"

#define NANOSECONDS_PER_SECOND      1000000000
#define NANOSECONDS_PER_MICROSECOND 1000
#define NANOSECONDS_PER_TICK        (NANOSECONDS_PER_SECOND / CASTLE_TIMES_HZ)
#define MICROSECONDS_PER_SECOND     1000000

int clock_gettime(clockid_t clock, struct timespec *time)
{
	struct castle_timespec castle;
	int result = castle_call2(CASTLE_CALL_clock_gettime, clock, address(&castle));

	if (!result) {
		time->tv_sec = castle.seconds;
		time->tv_nsec = castle.nanoseconds;
	}
	return result_of(result);
}

int _gettimeofday_r(struct _reent *reent, struct timeval *time, void *zone)
{
	struct timespec now;

	(void)reent, (void)zone;
	if (clock_gettime(CLOCK_REALTIME, &now))
		return -1;
	time->tv_sec = now.tv_sec;
	time->tv_usec = now.tv_nsec / NANOSECONDS_PER_MICROSECOND;
	return 0;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone)
{
	return _gettimeofday_r(_REENT, time, zone);
}

/* In the unit of <time.h>, which is that of <sys/times.h> as well (sysconf()). */
static clock_t clocks_of(uint32_t ticks)
{
	return ticks * (CLOCKS_PER_SEC / CASTLE_TIMES_HZ);
}

/* The kernel counts ticks, and all of them as spent in user mode. */
clock_t _times_r(struct _reent *reent, struct tms *times)
{
	struct castle_times castle;
	struct timespec now = { 0, 0 };

	if (result_in(reent, castle_call1(CASTLE_CALL_times, address(&castle))) < 0)
		return -1;
	clock_gettime(CLOCK_MONOTONIC, &now);
	*times = (struct tms){
		.tms_utime = clocks_of(castle.own),
		.tms_cutime = clocks_of(castle.children),
	};
	return now.tv_sec * CLOCKS_PER_SEC +
	       now.tv_nsec / (NANOSECONDS_PER_SECOND / CLOCKS_PER_SEC);
}

clock_t clock(void)
{
	struct castle_times castle;

	if (castle_call1(CASTLE_CALL_times, address(&castle)) < 0)
		return -1;
	return clocks_of(castle.own);
}

clock_t times(struct tms *buffer)
{
	return _times_r(_REENT, buffer);
}

int nanosleep(const struct timespec *request, struct timespec *left)
{
	struct castle_timespec castle, rest = { 0, 0 };
	int result;

	if (request->tv_sec < 0 || request->tv_nsec < 0 ||
	    request->tv_nsec >= NANOSECONDS_PER_SECOND)
		return failure(EINVAL);
	castle.seconds = request->tv_sec > UINT32_MAX ? UINT32_MAX : request->tv_sec;
	castle.nanoseconds = request->tv_nsec;
	cancel_point_begin();
	result = castle_call2(CASTLE_CALL_nanosleep, address(&castle), address(&rest));
	cancel_point_end();
	if (left) {
		left->tv_sec = rest.seconds;
		left->tv_nsec = rest.nanoseconds;
	}
	return result_of(result);
}

unsigned int sleep(unsigned int seconds)
{
	struct timespec request = { seconds, 0 }, left;

	return nanosleep(&request, &left) ? left.tv_sec : 0;
}

int usleep(useconds_t microseconds)
{
	struct timespec request = {
		.tv_sec = microseconds / MICROSECONDS_PER_SECOND,
		.tv_nsec = microseconds % MICROSECONDS_PER_SECOND * NANOSECONDS_PER_MICROSECOND,
	};

	return nanosleep(&request, NULL);
}

/* Processor time, of a process or a thread, is counted in ticks. */
static bool is_processor_time(clockid_t clock)
{
	return (clock & CASTLE_CLOCK_KINDS) == CASTLE_CLOCK_PROCESS ||
	       (clock & CASTLE_CLOCK_KINDS) == CASTLE_CLOCK_THREAD;
}

int clock_getres(clockid_t clock, struct timespec *resolution)
{
	struct timespec now;

	if (clock_gettime(clock, &now))
		return -1;
	if (resolution)
		resolution->tv_sec = 0,
		resolution->tv_nsec = is_processor_time(clock) ? NANOSECONDS_PER_TICK : 1;
	return 0;
}

/* The calling process's; other processes' cannot be read. */
int clock_getcpuclockid(pid_t pid, clockid_t *clock)
{
	if (pid && pid != getpid())
		return kill(pid, 0) ? ESRCH : EPERM;
	*clock = CLOCK_PROCESS_CPUTIME_ID;
	return 0;
}

int pthread_getcpuclockid(pthread_t thread, clockid_t *clock)
{
	*clock = CASTLE_CLOCK_THREAD | thread->tid << CASTLE_CLOCK_NUMBER;
	return 0;
}

/* From now to the time that the clock is to reach; none if it has reached that. */
static struct timespec time_until(clockid_t clock, const struct timespec *end)
{
	struct timespec now = { 0, 0 }, left;

	clock_gettime(clock, &now);
	left.tv_sec = end->tv_sec - now.tv_sec;
	left.tv_nsec = end->tv_nsec - now.tv_nsec;
	if (left.tv_nsec < 0) {
		left.tv_nsec += NANOSECONDS_PER_SECOND;
		left.tv_sec--;
	}
	return left.tv_sec < 0 ? (struct timespec){ 0, 0 } : left;
}

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *request,
		    struct timespec *left)
{
	struct timespec now, rest = *request;

	if (clock == CLOCK_THREAD_CPUTIME_ID)
		return EINVAL;
	if (clock_gettime(clock, &now) || request->tv_nsec < 0 ||
	    request->tv_nsec >= NANOSECONDS_PER_SECOND)
		return EINVAL;
	if (is_processor_time(clock))
		return ENOTSUP;
	if (flags & TIMER_ABSTIME)
		rest = time_until(clock, request);
	return nanosleep(&rest, flags & TIMER_ABSTIME ? NULL : left) ? errno : 0;
}

/* The kernel counts on from the time of day that it booted at. */
int clock_settime(clockid_t clock, const struct timespec *time)
{
	(void)time;
	return failure(clock == CLOCK_REALTIME ? EPERM : EINVAL);
}
