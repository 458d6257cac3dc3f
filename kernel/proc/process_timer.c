/*
 * A timer of a process is one of the timing wheel's. Where its clock counts processor time, it
 * looks at it as soon as that can have come, and again if it has not: so no tick has anything to do
 * for it.
 */
#include "kernel/proc/process_timer.h"

#include <castle/errno.h>
#include "kernel/lib/string.h"
#include "kernel/lock/lock.h"
#include "kernel/mem/slab.h"
#include "kernel/mem/user_copy.h"
#include "kernel/proc/limit.h"
#include "kernel/proc/process.h"
#include "kernel/proc/signal.h"
#include "kernel/proc/signal_internal.h"
#include "kernel/time/clock.h"

/* The limit of processor time is a timer as well, which no program can name. */
#define LIMIT_TIMER (-1)

static struct slab_cache timer_cache GUARDED_BY(slabs);

void process_timer_init_cache(void)
{
	slab_cache_init(&timer_cache, "timer", sizeof(struct process_timer), sizeof(void *));
}

static bool counts_processor_time(const struct process_timer *timer)
{
	const uint32_t kind = timer->clock & CASTLE_CLOCK_KINDS;

	return kind == CASTLE_CLOCK_PROCESS || kind == CASTLE_CLOCK_THREAD;
}

/* Of the timer's clock, which is its own process's; a thread that has ended uses no more. */
static uint32_t ticks_used(const struct process_timer *timer)
{
	const struct process *process = timer->process;
	const struct thread *thread;

	if ((timer->clock & CASTLE_CLOCK_KINDS) == CASTLE_CLOCK_PROCESS)
		return process_user_ticks(process);
	thread = process_thread(process, timer->clock >> CASTLE_CLOCK_NUMBER);
	return thread ? thread->user_ticks : timer->due - 1;
}

/* Ticks from now until the time can have come, at the earliest. */
static uint32_t ticks_until_due(const struct process_timer *timer)
{
	const int32_t left = timer->due - ticks_used(timer);
	const int32_t each = left / (int32_t)(timer->process->thread_count + 1);

	return each > 0 ? each : 1;
}

/* Where the timer of this number is linked, or where the list ends. */
static struct process_timer **find_place(struct process *process, int32_t number)
{
	struct process_timer **place = &process->timers;

	while (*place && (*place)->number != number)
		place = &(*place)->next;
	return place;
}

static struct process_timer *find(struct process *process, int32_t number)
{
	return *find_place(process, number);
}

static void start(struct process_timer *timer, uint32_t ticks)
{
	timers_acquire();
	timer_start(&timer->timer, ticks);
	timers_release();
}

static void stop(struct process_timer *timer)
{
	timers_acquire();
	timer_cancel(&timer->timer);
	timers_release();
	timer->armed = false;
}

/* The end of the time: a signal, or one more that the waiting one stands for. */
static void send(struct process_timer *timer)
{
	struct process *process = timer->process;
	struct thread *thread = NULL;

	if (!timer->info.signal)
		return;
	if (timer->info.queued) {
		timer->overrun++;
		if (timer->info.signal >= CASTLE_SIGRTMIN)
			return;
		signal_queue_remove(process, &timer->info); /* it may have been ignored meanwhile */
	}
	if (timer->thread && !(thread = process_thread(process, timer->thread)))
		return;
	signal_send_told(process, thread, timer->info.signal, &timer->info);
}

/* Of a clock of processor time: true if it is time, and the next one is noted. */
static bool is_due(struct process_timer *timer)
{
	if ((int32_t)(timer->due - ticks_used(timer)) > 0) {
		start(timer, ticks_until_due(timer));
		return false;
	}
	timer->armed = timer->interval;
	if (timer->interval) {
		timer->due += timer->interval;
		start(timer, ticks_until_due(timer));
	}
	return true;
}

static void run_out(struct process *process, int32_t number, uint32_t setting)
{
	struct process_timer *timer = find(process, number);

	if (!timer || timer->setting != setting || process->ending)
		return;
	if (!counts_processor_time(timer))
		timer->armed = timer->interval;
	else if (!is_due(timer))
		return;
	if (number == LIMIT_TIMER && limit_of_time_is_reached(process, process_user_ticks(process)))
		signal_send(process, CASTLE_SIGKILL);
	send(timer);
}

/*
 * The lock of timers is given up meanwhile, since the one that signals need comes before it; the
 * process stays by a reference, which is taken before its timers can be gone. The timer itself may
 * be deleted, or set anew: so it is looked for by its number.
 */
static void expired(struct timer *wheel)
{
	struct process_timer *timer = list_entry(wheel, struct process_timer, timer);
	struct process *process = process_reference(timer->process);
	const int32_t number = timer->number;
	const uint32_t setting = timer->setting;

	if (timer->interval && !counts_processor_time(timer))
		timer_start(wheel, timer->interval);
	timers_release();
	process_lock(process);
	run_out(process, number, setting);
	process_unlock(process);
	process_release(process);
	timers_acquire();
}

static struct process_timer *create(struct process *process, int32_t number, uint32_t clock,
				    uint32_t signal)
{
	struct process_timer *timer = slab_alloc_zeroed(&timer_cache);

	if (!timer)
		return NULL;
	timer_prepare(&timer->timer, expired);
	timer->process = process;
	timer->number = number;
	timer->clock = clock;
	timer->info.timer = timer;
	timer->info.signal = signal;
	timer->info.told = (struct castle_signal_info){ .code = CASTLE_SI_TIMER, .status = number };
	timer->next = process->timers;
	process->timers = timer;
	return timer;
}

static void delete (struct process *process, struct process_timer **place)
{
	struct process_timer *timer = *place;

	stop(timer);
	signal_queue_remove(process, &timer->info);
	*place = timer->next;
	slab_free(&timer_cache, timer);
}

void process_timers_delete(struct process *process, bool all)
{
	struct process_timer **place = &process->timers;

	assert_held(process);
	while (*place) {
		if (all || (*place)->number > CASTLE_TIMER_PROFILE)
			delete (process, place);
		else
			place = &(*place)->next;
	}
}

void process_timer_told(struct process_timer *timer)
{
	assert_held(process);
	timer->overrun_told = timer->overrun;
	timer->overrun = 0;
}

static void set(struct process_timer *timer, uint32_t next, uint32_t interval)
{
	stop(timer);
	timer->setting++;
	timer->interval = interval;
	timer->overrun = 0;
	timer->armed = next && !timer->process->ending;
	if (!timer->armed)
		return;
	if (counts_processor_time(timer)) {
		timer->due = ticks_used(timer) + next;
		next = ticks_until_due(timer);
	}
	start(timer, next);
}

int process_timer_limit(struct process *process, uint32_t signal, uint32_t ticks)
{
	struct process_timer *timer = find(process, LIMIT_TIMER);

	assert_held(process);
	if (!timer)
		timer = create(process, LIMIT_TIMER, CASTLE_CLOCK_PROCESS, signal);
	if (!timer)
		return -ENOMEM;
	timer->info.signal = signal;
	set(timer, ticks, TICK_HZ);
	return 0;
}

static uint32_t ticks_left(const struct process_timer *timer)
{
	int32_t left;

	if (!timer->armed)
		return 0;
	left = counts_processor_time(timer) ? timer->due - ticks_used(timer)
					    : timer->timer.expiry - timer_ticks;
	return left > 0 ? left : 1;
}

static int32_t tell(const struct process_timer *timer, uint32_t place)
{
	const struct castle_timer told = {
		.clock = timer ? timer->clock : 0,
		.signal = timer ? timer->info.signal : 0,
		.next = timespec_from_ticks(timer ? ticks_left(timer) : 0),
		.interval = timespec_from_ticks(timer ? timer->interval : 0),
	};

	return copy_to_user(place, &told, sizeof told);
}

static bool clock_is_known(const struct process *process, uint32_t clock)
{
	const uint32_t number = clock >> CASTLE_CLOCK_NUMBER;

	if (clock == CASTLE_CLOCK_REALTIME || clock == CASTLE_CLOCK_MONOTONIC)
		return true;
	if ((clock & CASTLE_CLOCK_KINDS) == CASTLE_CLOCK_PROCESS)
		return !number || number == (uint32_t)process->pid;
	return (clock & CASTLE_CLOCK_KINDS) == CASTLE_CLOCK_THREAD &&
	       process_thread(process, number);
}

/* A number above those of all others, and none too often. */
static int32_t number_for(const struct process *process)
{
	int32_t number = CASTLE_TIMER_PROFILE;
	uint32_t count = 0;

	for (const struct process_timer *timer = process->timers; timer; timer = timer->next) {
		if (timer->number > number)
			number = timer->number;
		count++;
	}
	return count < CASTLE_TIMERS_MAX ? number + 1 : -EAGAIN;
}

static int32_t create_asked(struct process *process, uint32_t argument)
{
	struct process_timer *timer;
	struct castle_timer asked;
	int32_t number = copy_from_user(&asked, argument, sizeof asked);

	if (number < 0)
		return number;
	if (asked.clock == CASTLE_CLOCK_THREAD)
		asked.clock |= current_thread->tid << CASTLE_CLOCK_NUMBER;
	if (!clock_is_known(process, asked.clock) ||
	    (asked.signal && !signal_is_valid(asked.signal)))
		return -EINVAL;
	number = number_for(process);
	if (number < 0)
		return number;
	timer = create(process, number, asked.clock, asked.signal);
	if (!timer)
		return -EAGAIN;
	timer->thread = asked.thread;
	timer->info.told.value = asked.value;
	return number;
}

/* The three that are there without having been created. */
static struct process_timer *create_fixed(struct process *process, int32_t number)
{
	static const struct {
		uint8_t clock, signal;
	} fixed[] = {
		[CASTLE_TIMER_REAL] = { CASTLE_CLOCK_MONOTONIC, CASTLE_SIGALRM },
		[CASTLE_TIMER_VIRTUAL] = { CASTLE_CLOCK_PROCESS, CASTLE_SIGVTALRM },
		[CASTLE_TIMER_PROFILE] = { CASTLE_CLOCK_PROCESS, CASTLE_SIGPROF },
	};

	return create(process, number, fixed[number].clock, fixed[number].signal);
}

static bool is_fixed(int32_t number)
{
	return number >= 0 && number <= CASTLE_TIMER_PROFILE;
}

static int ticks_asked(uint32_t argument, uint32_t *next, uint32_t *interval)
{
	struct castle_timer asked;
	int error = copy_from_user(&asked, argument, sizeof asked);

	if (!error)
		error = ticks_from_timespec(&asked.next, next);
	if (!error)
		error = ticks_from_timespec(&asked.interval, interval);
	/* From one tick to another, where the first one needs one more, as it begins in between. */
	if (!error && *interval > 1)
		--*interval;
	return error;
}

static int32_t set_asked(struct process *process, int32_t number, uint32_t argument)
{
	struct process_timer *timer = find(process, number);
	uint32_t next, interval;
	int error = timer || is_fixed(number) ? 0 : -EINVAL;

	if (!error)
		error = ticks_asked(argument, &next, &interval);
	if (!error)
		error = tell(timer, argument);
	if (error || (!timer && !next))
		return error;
	if (!timer)
		timer = create_fixed(process, number);
	if (!timer)
		return -ENOMEM;
	set(timer, next, interval);
	return 0;
}

static int32_t delete_asked(struct process *process, int32_t number)
{
	struct process_timer **place = find_place(process, number);

	if (number <= CASTLE_TIMER_PROFILE || !*place)
		return -EINVAL;
	delete (process, place);
	return 0;
}

int32_t sys_timer(uint32_t command, int32_t number, uint32_t argument)
{
	struct process *process = current_process();
	struct process_timer *timer = number < 0 ? NULL : find(process, number);

	switch (command) {
	case CASTLE_TIMER_CREATE:
		return create_asked(process, argument);
	case CASTLE_TIMER_DELETE:
		return delete_asked(process, number);
	case CASTLE_TIMER_SET:
		return number < 0 ? -EINVAL : set_asked(process, number, argument);
	case CASTLE_TIMER_GET:
		return timer || is_fixed(number) ? tell(timer, argument) : -EINVAL;
	case CASTLE_TIMER_OVERRUN:
		return timer ? (int32_t)timer->overrun_told : -EINVAL;
	default:
		return -EINVAL;
	}
}

int processor_clock_read(uint32_t clock, uint32_t *ticks)
{
	const uint32_t number = clock >> CASTLE_CLOCK_NUMBER;
	struct process *process = current_process();
	const struct thread *thread = current_thread;
	int error = 0;

	process_lock(process);
	if (!clock_is_known(process, clock) && clock != CASTLE_CLOCK_THREAD) {
		error = -EINVAL;
	} else if ((clock & CASTLE_CLOCK_KINDS) == CASTLE_CLOCK_PROCESS) {
		*ticks = process_user_ticks(process);
	} else {
		if (number)
			thread = process_thread(process, number);
		*ticks = thread->user_ticks;
	}
	process_unlock(process);
	return error;
}
