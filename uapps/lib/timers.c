/*
 * POSIX timers. The kernel sends their signals; for SIGEV_THREAD a thread of the library's waits
 * for them, by a signal that no program knows, and calls the function.
 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include "result.h"
#include "thread.h"

#define NANOSECONDS_PER_SECOND 1000000000

#define TIMER_SIGNAL 63 /* above SIGRTMAX */

/* A thread that calls functions; the timer's value names it. */
struct caller {
	struct caller *next;
	timer_t timer;
	void (*function)(union sigval);
	union sigval value;
	pthread_t thread;
};

static struct caller *callers;
static pthread_mutex_t callers_mutex = PTHREAD_MUTEX_INITIALIZER;

static void *call_each_time(void *argument)
{
	struct caller *caller = argument;
	const sigset_t set = (sigset_t)1 << TIMER_SIGNAL;
	siginfo_t information;

	pthread_cleanup_push(free, caller);
	for (;;)
		if (sigwaitinfo(&set, &information) == TIMER_SIGNAL)
			caller->function(caller->value);
	pthread_cleanup_pop(1);
	return NULL;
}

/* The new thread inherits the mask: it takes no signal, but for the one that cancels it. */
static struct caller *caller_start(const struct sigevent *event)
{
	struct caller *caller = malloc(sizeof *caller);
	sigset_t all, before;
	int error;

	if (!caller)
		return NULL;
	*caller = (struct caller){ .function = event->sigev_notify_function,
				   .value = event->sigev_value };
	all = ~((sigset_t)1 << SIGEMT);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&caller->thread, event->sigev_notify_attributes, call_each_time,
			       caller);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error) {
		free(caller);
		return NULL;
	}
	pthread_detach(caller->thread);
	return caller;
}

static void caller_enter(struct caller *caller, timer_t timer)
{
	pthread_mutex_lock(&callers_mutex);
	caller->timer = timer;
	caller->next = callers;
	callers = caller;
	pthread_mutex_unlock(&callers_mutex);
}

static struct caller *caller_take(timer_t timer)
{
	struct caller **place, *caller;

	pthread_mutex_lock(&callers_mutex);
	place = &callers;
	while (*place && (*place)->timer != timer)
		place = &(*place)->next;
	caller = *place;
	if (caller)
		*place = caller->next;
	pthread_mutex_unlock(&callers_mutex);
	return caller;
}

int timer_create(clockid_t clock, struct sigevent *restrict event, timer_t *restrict timer)
{
	struct castle_timer castle = { .clock = clock, .signal = SIGALRM };
	struct caller *caller = NULL;
	int32_t number;

	if (event) {
		castle.signal = event->sigev_notify == SIGEV_NONE ? 0 : event->sigev_signo;
		castle.value = address(event->sigev_value.sival_ptr);
		if (event->sigev_notify == SIGEV_SIGNAL && !castle.signal)
			return failure(EINVAL);
	}
	if (event && event->sigev_notify == SIGEV_THREAD) {
		caller = caller_start(event);
		if (!caller)
			return failure(EAGAIN);
		castle.signal = TIMER_SIGNAL;
		castle.thread = caller->thread->tid;
	}
	number = castle_call3(CASTLE_CALL_timer, CASTLE_TIMER_CREATE, 0, address(&castle));
	if (number < 0) {
		if (caller)
			pthread_cancel(caller->thread);
		return failure(-number);
	}
	if (caller)
		caller_enter(caller, number);
	*timer = number;
	return 0;
}

int timer_delete(timer_t timer)
{
	struct caller *caller;
	const int32_t result = castle_call3(CASTLE_CALL_timer, CASTLE_TIMER_DELETE, timer, 0);

	if (result < 0)
		return failure(-result);
	caller = caller_take(timer);
	if (caller)
		pthread_cancel(caller->thread);
	return 0;
}

static struct itimerspec times_of(const struct castle_timer *castle)
{
	return (struct itimerspec){
		.it_value = { castle->next.seconds, castle->next.nanoseconds },
		.it_interval = { castle->interval.seconds, castle->interval.nanoseconds },
	};
}

static int is_time(const struct timespec *time)
{
	return time->tv_sec >= 0 && time->tv_nsec >= 0 && time->tv_nsec < NANOSECONDS_PER_SECOND;
}

/* From now on, if it is a time of that clock; at once, if it is over. */
static struct castle_timespec time_until(clockid_t clock, const struct timespec *time)
{
	struct timespec now;
	int64_t left;

	clock_gettime(clock, &now);
	left = (time->tv_sec - now.tv_sec) * (int64_t)NANOSECONDS_PER_SECOND + time->tv_nsec -
	       now.tv_nsec;
	if (left < 1)
		left = 1;
	return (struct castle_timespec){ left / NANOSECONDS_PER_SECOND,
					 left % NANOSECONDS_PER_SECOND };
}

int timer_settime(timer_t timer, int flags, const struct itimerspec *restrict value,
		  struct itimerspec *restrict old)
{
	struct castle_timer castle;
	int32_t result;

	if (!is_time(&value->it_value) || !is_time(&value->it_interval))
		return failure(EINVAL);
	result = castle_call3(CASTLE_CALL_timer, CASTLE_TIMER_GET, timer, address(&castle));
	if (result < 0)
		return failure(-result);
	castle.interval =
		(struct castle_timespec){ value->it_interval.tv_sec, value->it_interval.tv_nsec };
	if (flags & TIMER_ABSTIME && (value->it_value.tv_sec || value->it_value.tv_nsec))
		castle.next = time_until(castle.clock, &value->it_value);
	else
		castle.next =
			(struct castle_timespec){ value->it_value.tv_sec, value->it_value.tv_nsec };
	result = castle_call3(CASTLE_CALL_timer, CASTLE_TIMER_SET, timer, address(&castle));
	if (!result && old)
		*old = times_of(&castle);
	return result_of(result);
}

int timer_gettime(timer_t timer, struct itimerspec *value)
{
	struct castle_timer castle;
	const int32_t result =
		castle_call3(CASTLE_CALL_timer, CASTLE_TIMER_GET, timer, address(&castle));

	if (!result)
		*value = times_of(&castle);
	return result_of(result);
}

int timer_getoverrun(timer_t timer)
{
	return result_of(castle_call3(CASTLE_CALL_timer, CASTLE_TIMER_OVERRUN, timer, 0));
}
