/*
 * Cancellation does not exist in Castle: there is no pthread_cancel(). newlib's stdio and programs
 * that guard against it find the functions that they call.
 */
#include <pthread.h>
#include <errno.h>
#include "thread.h"

int pthread_setcancelstate(int state, int *old)
{
	struct __castle_thread *self = thread_self();

	if (state != PTHREAD_CANCEL_ENABLE && state != PTHREAD_CANCEL_DISABLE)
		return EINVAL;
	if (old)
		*old = self->cancel_state;
	self->cancel_state = state;
	return 0;
}

void pthread_testcancel(void)
{
}
