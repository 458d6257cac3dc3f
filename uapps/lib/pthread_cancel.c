/*
 * Whether a thread may be cancelled, and when. newlib's stdio asks for that, so every program has
 * this; it knows what ends a thread by the pointer that pthread_cancel() leaves, and so needs
 * nothing else of the threads.
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
	if (self->cancel_type == PTHREAD_CANCEL_ASYNCHRONOUS)
		pthread_testcancel();
	return 0;
}

int pthread_setcanceltype(int type, int *old)
{
	struct __castle_thread *self = thread_self();

	if (type != PTHREAD_CANCEL_DEFERRED && type != PTHREAD_CANCEL_ASYNCHRONOUS)
		return EINVAL;
	if (old)
		*old = self->cancel_type;
	self->cancel_type = type;
	if (type == PTHREAD_CANCEL_ASYNCHRONOUS)
		pthread_testcancel();
	return 0;
}

void pthread_testcancel(void)
{
	void (*cancel)(void) = __atomic_load_n(&thread_self()->cancel, __ATOMIC_RELAXED);

	if (cancel)
		cancel();
}
