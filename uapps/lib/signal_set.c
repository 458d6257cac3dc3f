/*
 * Sets of signals. newlib has them as macros that take any number for a signal; these are the
 * functions that POSIX wants as well.
 */
#include <signal.h>
#include "result.h"

#undef sigemptyset
#undef sigfillset
#undef sigaddset
#undef sigdelset
#undef sigismember

static int bad_signal(int signal)
{
	return signal < 1 || signal >= CASTLE_SIGNAL_COUNT;
}

int sigemptyset(sigset_t *set)
{
	*set = 0;
	return 0;
}

int sigfillset(sigset_t *set)
{
	*set = ~(sigset_t)0;
	return 0;
}

int sigaddset(sigset_t *set, int signal)
{
	if (bad_signal(signal))
		return failure(EINVAL);
	*set |= (sigset_t)1 << signal;
	return 0;
}

int sigdelset(sigset_t *set, int signal)
{
	if (bad_signal(signal))
		return failure(EINVAL);
	*set &= ~((sigset_t)1 << signal);
	return 0;
}

int sigismember(const sigset_t *set, int signal)
{
	if (bad_signal(signal))
		return failure(EINVAL);
	return *set >> signal & 1;
}
