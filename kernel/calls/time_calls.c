/*
 * Reading clocks, and sleeping.
 */
#include "kernel/calls/time_calls.h"

#include <castle/errno.h>
#include "kernel/mem/user_copy.h"
#include "kernel/proc/process_timer.h"
#include "kernel/sched/wait_queue.h"
#include "kernel/time/clock.h"

int32_t sys_clock_gettime(uint32_t clock, uint32_t result)
{
	struct castle_timespec time;
	const uint32_t kind = clock & CASTLE_CLOCK_KINDS;
	uint32_t ticks = 0;
	int error;

	if (kind == CASTLE_CLOCK_PROCESS || kind == CASTLE_CLOCK_THREAD) {
		error = processor_clock_read(clock, &ticks);
		time = timespec_from_ticks(ticks);
	} else {
		error = clock_read(clock, &time);
	}
	return error ? error : copy_to_user(result, &time, sizeof time);
}

/*
 * Its timer has run out, or a signal came before that: then the program learns how long was left.
 */
static int32_t sleep_over(struct thread *thread)
{
	struct castle_timespec left;

	if (thread->woken != WAKE_INTERRUPTED)
		return 0;
	left = timespec_from_ticks(thread->timer.expiry - timer_ticks);
	/* A bad address is the program's own loss: the call fails either way. */
	if (thread->wait_word)
		copy_to_user(thread->wait_word, &left, sizeof left);
	return -EINTR;
}

int32_t sys_nanosleep(uint32_t request, uint32_t left)
{
	uint32_t ticks;
	const int error = ticks_from_user(request, &ticks);

	if (error)
		return error;
	if (ticks == 0)
		return 0;
	current_thread->wait_word = left;
	return wait_queue_block_for(NULL, ticks, sleep_over);
}
