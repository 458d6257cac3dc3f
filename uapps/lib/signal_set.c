/*
 * Sets of signals, in place of newlib's macros, which take any number for a signal
 * (uapps/include/sys/signal.h).
 */
#include <signal.h>
#include "result.h"

static int bad_signal(int signal)
{
	return signal < 1 || signal >= CASTLE_SIGNAL_COUNT || signal == CASTLE_SIGREALTIME;
}

int sigemptyset(sigset_t *set)
{
	*set = 0;
	return 0;
}

int sigfillset(sigset_t *set)
{
	*set = ~((sigset_t)1 << CASTLE_SIGREALTIME);
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
