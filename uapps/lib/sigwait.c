/*
 * Waiting for signals instead of handling them. The caller has blocked them; while it waits they
 * have a handler that only notes which one came.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <time.h>
#include <unistd.h>
#include "result.h"

static __thread volatile sig_atomic_t arrived;

static void note(int number)
{
	arrived = number;
}

/* Sets the handler for each signal of the set, or puts back what there was. */
static void exchange(sigset_t set, struct sigaction old[CASTLE_SIGNAL_COUNT], bool back)
{
	const struct sigaction noting = { .sa_handler = note, .sa_mask = ~(sigset_t)0 };

	for (int number = 1; number < CASTLE_SIGNAL_COUNT; number++)
		if (set & 1u << number)
			sigaction(number, back ? &old[number] : &noting,
				  back ? NULL : &old[number]);
}

/* Waits until one comes, or to the deadline. A tick at a time if there is one: no call has both a
 * mask and a time-out. */
static void wait_for(sigset_t set, sigset_t blocked, const struct timespec *timeout)
{
	const struct timespec tick = { 0, 10000000 };
	const sigset_t open_mask = blocked & ~set;
	struct timespec now, end;

	if (!timeout) {
		sigsuspend(&open_mask);
		return;
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += timeout->tv_sec;
	end.tv_nsec += timeout->tv_nsec;
	sigprocmask(SIG_SETMASK, &open_mask, NULL);
	do {
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (!arrived &&
		 now.tv_sec * 1000000000LL + now.tv_nsec <
			 end.tv_sec * 1000000000LL + end.tv_nsec &&
		 nanosleep(&tick, NULL) == 0);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
}

int sigtimedwait(const sigset_t *set, siginfo_t *information, const struct timespec *timeout)
{
	const sigset_t waited = *set & ~(1u << SIGKILL | 1u << SIGSTOP | 1u);
	struct sigaction old[CASTLE_SIGNAL_COUNT];
	sigset_t blocked;
	int number;

	if (timeout && (timeout->tv_nsec < 0 || timeout->tv_nsec >= 1000000000))
		return failure(EINVAL);
	sigprocmask(SIG_BLOCK, &waited, &blocked);
	arrived = 0;
	exchange(waited, old, false);
	wait_for(waited, blocked | waited, timeout);
	exchange(waited, old, true);
	number = arrived;
	sigprocmask(SIG_SETMASK, &blocked, NULL);
	if (!number)
		return failure(timeout ? EAGAIN : EINTR);
	if (information)
		*information = (siginfo_t){ .si_signo = number, .si_code = SI_USER };
	return number;
}

int sigwaitinfo(const sigset_t *set, siginfo_t *information)
{
	return sigtimedwait(set, information, NULL);
}

int sigwait(const sigset_t *set, int *number)
{
	int found;

	do
		found = sigwaitinfo(set, NULL);
	while (found < 0 && errno == EINTR);
	*number = found;
	return found < 0 ? errno : 0;
}
