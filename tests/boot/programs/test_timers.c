/*
 * Timers: POSIX's, and the three interval timers; clocks of processor time.
 */
#include "common/guard.h"
#include "common/tap.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define LONG_TRY 3000 /* times 10 ms: only what fails takes so long */

static volatile int came, value, code, number_told;

static void note(int number, siginfo_t *information, void *context)
{
	(void)number, (void)context;
	value = information->si_value.sival_int;
	code = information->si_code;
	number_told = information->si_timerid;
	came++;
}

static void handle(int signal)
{
	struct sigaction action = { .sa_flags = SA_SIGINFO };

	action.sa_sigaction = note;
	sigemptyset(&action.sa_mask);
	sigaction(signal, &action, NULL);
}

static double seconds_of(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static void wait_for(int count)
{
	for (int i = 0; i < LONG_TRY && came < count; i++)
		usleep(10000);
}

/* Uses processor time until a handler has run so often. */
static void work_until(int count)
{
	const double start = seconds_of(CLOCK_MONOTONIC);

	while (came < count && seconds_of(CLOCK_MONOTONIC) - start < 30)
		;
}

static void test_signal(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN };
	struct itimerspec once = { .it_value = { 0, 30000000 } }, told;
	struct itimerspec again = { { 0, 10000000 }, { 0, 20000000 } }, never = { 0 };
	double start;
	timer_t timer, other;
	int counted;

	event.sigev_value.sival_int = 77;
	handle(SIGRTMIN);
	ok_is(timer_create(CLOCK_MONOTONIC, &event, &timer), 0, "timer_create");
	ok_is(timer_create(CLOCK_REALTIME, NULL, &other), 0, "another one");
	ok(timer != other, "has another number");
	ok_is(timer_gettime(timer, &told), 0, "timer_gettime");
	ok(told.it_value.tv_sec == 0 && told.it_value.tv_nsec == 0, "it does not run");
	start = seconds_of(CLOCK_MONOTONIC);
	ok_is(timer_settime(timer, 0, &once, NULL), 0, "timer_settime");
	wait_for(1);
	ok(seconds_of(CLOCK_MONOTONIC) - start >= 0.03, "its signal is not early");
	ok(came == 1 && value == 77 && code == SI_TIMER && number_told == (int)timer,
	   "it comes with its value");
	usleep(50000);
	ok_is(came, 1, "and once");
	timer_settime(timer, 0, &again, NULL);
	wait_for(4);
	ok(came >= 4, "with an interval it comes again");
	ok_is(timer_settime(timer, 0, &never, &told), 0, "stopped");
	ok_is(told.it_interval.tv_nsec, 10000000, "the interval that it had is told");
	counted = came;
	usleep(50000);
	ok(came <= counted + 1, "then no more come");
	ok_is(timer_delete(timer), 0, "timer_delete");
	ok_errno(timer_delete(timer), EINVAL, "it is gone");
	ok_errno(timer_settime(timer, 0, &once, NULL), EINVAL, "and cannot be set");
	timer_delete(other);
	ok_errno(timer_create(77, NULL, &timer), EINVAL, "a clock there is not");
}

static void test_absolute(void)
{
	struct itimerspec at = { 0 };
	struct timespec now;
	timer_t timer;

	came = 0;
	handle(SIGALRM);
	timer_create(CLOCK_REALTIME, NULL, &timer);
	clock_gettime(CLOCK_REALTIME, &now);
	at.it_value = (struct timespec){ now.tv_sec + 1, now.tv_nsec };
	timer_settime(timer, TIMER_ABSTIME, &at, NULL);
	wait_for(1);
	ok(came == 1 && seconds_of(CLOCK_REALTIME) >= now.tv_sec + 1 + now.tv_nsec / 1e9,
	   "a time of day");
	at.it_value = now;
	timer_settime(timer, TIMER_ABSTIME, &at, NULL);
	wait_for(2);
	ok_is(came, 2, "one that is over comes at once");
	timer_delete(timer);
}

/* While the signal is blocked, one of them waits, and the others are counted. */
static void test_overrun(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN };
	const struct itimerspec quick = { { 0, 10000000 }, { 0, 10000000 } };
	sigset_t set;
	timer_t timer;

	came = 0;
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &set, NULL);
	timer_create(CLOCK_MONOTONIC, &event, &timer);
	timer_settime(timer, 0, &quick, NULL);
	for (int i = 0; i < 10; i++)
		usleep(10000);
	timer_settime(timer, 0, &(struct itimerspec){ { 1000, 0 }, { 1000, 0 } }, NULL);
	timer_settime(timer, 0, &quick, NULL);
	for (int i = 0; i < 10; i++)
		usleep(10000);
	ok_is(sigwaitinfo(&set, NULL), SIGRTMIN, "one of many waits");
	ok(timer_getoverrun(timer) >= 3, "others are counted: %d", timer_getoverrun(timer));
	timer_delete(timer);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static pthread_t called_in;
static volatile int called, called_with;

static void call(union sigval argument)
{
	called_in = pthread_self();
	called_with = argument.sival_int;
	__atomic_add_fetch(&called, 1, __ATOMIC_SEQ_CST);
}

static void test_thread(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD, .sigev_notify_function = call };
	const struct itimerspec again = { { 0, 20000000 }, { 0, 20000000 } };
	timer_t timer;

	event.sigev_value.sival_int = 5;
	ok_is(timer_create(CLOCK_MONOTONIC, &event, &timer), 0, "a timer that calls");
	timer_settime(timer, 0, &again, NULL);
	for (int i = 0; i < LONG_TRY && called < 3; i++)
		usleep(10000);
	ok(called >= 3 && called_with == 5, "the function is called again and again");
	ok(!pthread_equal(called_in, pthread_self()), "in another thread");
	ok_is(timer_delete(timer), 0, "and no more");
}

static void *use_time(void *argument)
{
	clockid_t clock;
	double before, start = seconds_of(CLOCK_MONOTONIC);

	(void)argument;
	pthread_getcpuclockid(pthread_self(), &clock);
	before = seconds_of(clock);
	while (seconds_of(CLOCK_THREAD_CPUTIME_ID) < before + 0.05 &&
	       seconds_of(CLOCK_MONOTONIC) < start + 30)
		;
	return NULL;
}

static void test_clocks(void)
{
	const double own = seconds_of(CLOCK_THREAD_CPUTIME_ID);
	const double all = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
	struct timespec resolution, now;
	int result = 0;
	pthread_t thread;
	clockid_t clock;

	pthread_create(&thread, NULL, use_time, NULL);
	ok_is(pthread_getcpuclockid(thread, &clock), 0, "the clock of a thread");
	pthread_join(thread, NULL);
	ok(seconds_of(CLOCK_PROCESS_CPUTIME_ID) - all >= 0.04, "the process has used its time");
	ok(seconds_of(CLOCK_THREAD_CPUTIME_ID) - own < seconds_of(CLOCK_PROCESS_CPUTIME_ID) - all,
	   "this thread has not");
	/* It is joined a little before it is gone. */
	for (int i = 0; i < LONG_TRY && (result = clock_gettime(clock, &now)) == 0; i++)
		usleep(10000);
	ok_errno(result, EINVAL, "the clock of a thread that has ended");
	ok(clock_getres(CLOCK_THREAD_CPUTIME_ID, &resolution) == 0 &&
		   resolution.tv_nsec == 10000000,
	   "it counts hundredths");
}

/* A busy host may have the processor stand still in the middle of what little there is to do: it is
 * tried again. */
static bool sleeping_uses_none(void)
{
	for (int i = 0; i < 20; i++) {
		came = 0;
		usleep(100000);
		if (came <= 1)
			return true;
	}
	return false;
}

static void test_interval(int which, int signal, const char *name)
{
	const struct itimerval two = { { 0, 20000 }, { 0, 20000 } }, none = { 0 };
	struct itimerval old;
	double before;

	came = 0;
	handle(signal);
	ok(setitimer(which, &two, NULL) == 0, "%s", name);
	ok(sleeping_uses_none(), "%s: sleeping uses none", name);
	before = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
	work_until(3);
	ok(came >= 3, "%s: working does", name);
	ok(seconds_of(CLOCK_PROCESS_CPUTIME_ID) - before >= 0.03, "%s: not too early", name);
	ok(setitimer(which, &none, &old) == 0, "%s: stopped", name);
	ok(old.it_interval.tv_usec == 20000, "%s: what it was", name);
}

static void test_processor_timer(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN };
	const struct itimerspec once = { .it_value = { 0, 30000000 } };
	double before;
	timer_t timer;

	came = 0;
	handle(SIGRTMIN);
	ok_is(timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &timer), 0, "on a thread's clock");
	before = seconds_of(CLOCK_THREAD_CPUTIME_ID);
	timer_settime(timer, 0, &once, NULL);
	work_until(1);
	ok(came == 1 && seconds_of(CLOCK_THREAD_CPUTIME_ID) - before >= 0.03, "it comes in time");
	timer_delete(timer);
}

/* A child that ends with timers that run. */
static void leave_some(void)
{
	const struct itimerspec again = { { 0, 10000000 }, { 0, 10000000 } };
	const pid_t child = fork();
	timer_t timer;

	if (child == 0) {
		signal(SIGALRM, SIG_IGN);
		for (int i = 0; i < 3; i++) {
			timer_create(CLOCK_MONOTONIC, NULL, &timer);
			timer_settime(timer, 0, &again, NULL);
		}
		usleep(20000);
		_exit(0);
	}
	guard_wait(child);
}

int main(void)
{
	test_signal();
	test_absolute();
	test_overrun();
	test_thread();
	test_clocks();
	test_interval(ITIMER_VIRTUAL, SIGVTALRM, "ITIMER_VIRTUAL");
	test_interval(ITIMER_PROF, SIGPROF, "ITIMER_PROF");
	test_processor_timer();
	ok_leaves_memory(leave_some, "timers go with their process");
	return done_testing();
}
