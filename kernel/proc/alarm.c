/*
 * The alarm of a process: SIGALRM when a time is over, once or again and again (POSIX.1-2017,
 * alarm(), setitimer()).
 */
#include "kernel/proc/alarm.h"

#include <castle/errno.h>
#include "kernel/lock/lock.h"
#include "kernel/mem/user_copy.h"
#include "kernel/proc/process.h"
#include "kernel/proc/signal.h"
#include "kernel/time/clock.h"
#include "kernel/time/timer.h"

/*
 * The lock of timers is given up meanwhile, since the one that signals need comes before it; the
 * process stays by a reference, which is taken before alarm_cancel() can have come to an end.
 */
static void alarm_expired(struct timer *timer)
{
	struct process *process = process_reference(list_entry(timer, struct process, alarm));

	if (process->alarm_interval)
		timer_start(timer, process->alarm_interval);
	timers_release();
	kernel_enter();
	signal_send(process, CASTLE_SIGALRM);
	process_release(process);
	kernel_leave();
	timers_acquire();
}

void alarm_cancel(struct process *process)
{
	timers_acquire();
	process->alarm_interval = 0;
	if (process->alarm.expired)
		timer_cancel(&process->alarm);
	timers_release();
}

static struct castle_alarm alarm_read(const struct process *process)
{
	uint32_t left = 0;

	timers_acquire();
	if (process->alarm.expired && !list_empty(&process->alarm.wheel))
		left = process->alarm.expiry - timer_ticks;
	timers_release();
	return (struct castle_alarm){
		.value = timespec_from_ticks(left),
		.interval = timespec_from_ticks(process->alarm_interval),
	};
}

static int alarm_set(struct process *process, const struct castle_alarm *new)
{
	uint32_t value, interval;
	int error = ticks_from_timespec(&new->value, &value);

	if (!error)
		error = ticks_from_timespec(&new->interval, &interval);
	if (error)
		return error;
	timers_acquire();
	if (!process->alarm.expired)
		timer_prepare(&process->alarm, alarm_expired);
	timer_cancel(&process->alarm);
	process->alarm_interval = interval;
	if (value && !process->ending)
		timer_start(&process->alarm, value);
	timers_release();
	return 0;
}

int32_t sys_alarm(uint32_t new, uint32_t old)
{
	struct process *process = current_process();
	const struct castle_alarm before = alarm_read(process);
	struct castle_alarm alarm;
	int error;

	if (new) {
		error = copy_from_user(&alarm, new, sizeof alarm);
		if (!error)
			error = alarm_set(process, &alarm);
		if (error)
			return error;
	}
	return old ? copy_to_user(old, &before, sizeof before) : 0;
}
