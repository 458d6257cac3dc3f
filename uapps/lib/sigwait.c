/*
 * Waiting for signals instead of handling them. The caller has blocked them.
 */
#include <errno.h>
#include <signal.h>
#include <time.h>
#include "result.h"
#include "signal_internal.h"
#include "thread.h"

int sigtimedwait(const sigset_t *restrict set, siginfo_t *restrict information,
		 const struct timespec *restrict timeout)
{
	struct castle_timespec time;
	struct castle_signal_info told;
	int32_t result;

	if (timeout && (timeout->tv_nsec < 0 || timeout->tv_nsec >= 1000000000))
		return failure(EINVAL);
	if (timeout)
		time = (struct castle_timespec){ timeout->tv_sec, timeout->tv_nsec };
	cancel_point_begin();
	result = castle_call3(CASTLE_CALL_sigtimedwait, address(set), address(&told),
			      address(timeout ? &time : NULL));
	cancel_point_end();
	if (result > 0 && information)
		*information = signal_information(result, &told);
	return result_of(result);
}

int sigwaitinfo(const sigset_t *restrict set, siginfo_t *restrict information)
{
	return sigtimedwait(set, information, NULL);
}

int sigwait(const sigset_t *restrict set, int *restrict number)
{
	int found;

	do
		found = sigwaitinfo(set, NULL);
	while (found < 0 && errno == EINTR);
	*number = found;
	return found < 0 ? errno : 0;
}
