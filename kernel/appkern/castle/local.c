/*
 * Local answers. They use facts that do not change while the thread exists, the kernel's clock,
 * which anyone may read, and the application kernel's own queues. What needs memory that is not
 * mapped goes to the bootstrap thread after all.
 */
#include "kernel/appkern/local.h"

#include <castle/abi.h>
#include <castle/errno.h>
#include "kernel/appkern/ia32/machine.h"
#include "kernel/appkern/lock.h"
#include "kernel/appkern/scheduler.h"
#include "kernel/lock/domain.h"
#include "kernel/mem/user_copy.h"
#include "kernel/time/clock.h"
#include "kernel/time/timer.h"

static struct list sleepers GUARDED_BY(application) = LIST_INITIALISER(sleepers);

static struct application_thread *local_answer(struct application_thread *thread, int32_t result)
{
	this_processor->counts.calls_local++;
	registers_return(&thread->registers, result);
	return thread;
}

static struct application_thread *local_getpid(struct application_thread *thread)
{
	return local_answer(thread, thread->pid);
}

static struct application_thread *local_gettid(struct application_thread *thread)
{
	return local_answer(thread, thread->tid);
}

static struct application_thread *local_getcpu(struct application_thread *thread)
{
	return local_answer(thread, this_processor->number);
}

static struct application_thread *local_yield(struct application_thread *thread)
{
	return application_yield(local_answer(thread, 0));
}

static struct application_thread *local_clock_gettime(struct application_thread *thread)
{
	struct castle_timespec *result =
		space_window(&thread->owner->space, registers_argument(&thread->registers, 1),
			     sizeof(struct castle_timespec));
	struct castle_timespec time;
	int error;

	if (!result || registers_argument(&thread->registers, 0) & CASTLE_CLOCK_PROCESS)
		return NULL; /* processor time is the kernel's to tell */
	error = clock_read(registers_argument(&thread->registers, 0), &time);
	if (!error)
		*result = time;
	return local_answer(thread, error);
}

static struct application_thread *sleep_begin(struct application_thread *thread, uint32_t ticks)
{
	local_answer(thread, 0);
	thread->sleep_until = timer_ticks + ticks;
	thread->sleep_left = registers_argument(&thread->registers, 1);
	application_fpu_save(thread);
	application_lock();
	application_leave(thread, APPLICATION_SLEEPING);
	list_append(&sleepers, &thread->queue);
	application_unlock();
	return application_schedule();
}

static struct application_thread *local_nanosleep(struct application_thread *thread)
{
	const struct castle_timespec *request =
		space_window(&thread->owner->space, registers_argument(&thread->registers, 0),
			     sizeof(struct castle_timespec));
	struct castle_timespec time;
	uint32_t ticks;
	int error;

	if (!request)
		return NULL;
	time = *request; /* read once: the program's other threads may write it meanwhile */
	error = ticks_from_timespec(&time, &ticks);
	if (error || ticks == 0)
		return local_answer(thread, error);
	return sleep_begin(thread, ticks);
}

static struct application_thread *(*const local_calls[CASTLE_CALL_COUNT])(
	struct application_thread *) = {
	[CASTLE_CALL_getpid] = local_getpid,
	[CASTLE_CALL_gettid] = local_gettid,
	[CASTLE_CALL_getcpu] = local_getcpu,
	[CASTLE_CALL_yield] = local_yield,
	[CASTLE_CALL_nanosleep] = local_nanosleep,
	[CASTLE_CALL_clock_gettime] = local_clock_gettime,
};

struct application_thread *local_call(struct application_thread *thread)
{
	const uint32_t number = registers_call(&thread->registers);

	if (number >= CASTLE_CALL_COUNT || !local_calls[number])
		return NULL;
	return local_calls[number](thread);
}

void local_tick(void)
{
	struct list *node, *following;

	if (this_processor->number != 1 || list_empty(&sleepers))
		return;
	application_lock();
	list_for_each_safe (node, following, &sleepers) {
		struct application_thread *thread =
			list_entry(node, struct application_thread, queue);
		if ((int32_t)(timer_ticks - thread->sleep_until) >= 0)
			application_ready(thread);
	}
	application_unlock();
}

void local_sleep_interrupted(struct application_thread *thread)
{
	const struct castle_timespec left = timespec_from_ticks(thread->sleep_until - timer_ticks);

	assert_held(driver);
	registers_return(&thread->registers, -EINTR);
	/* A bad address is the program's own loss: the call fails either way. */
	if (thread->sleep_left)
		copy_to_user(thread->sleep_left, &left, sizeof left);
}
