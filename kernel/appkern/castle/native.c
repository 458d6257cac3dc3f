/*
 * What of native.h is more than another name.
 */
#include "kernel/appkern/castle/native.h"

#include <castle/errno.h>

#define TICK_USERS 2

/* Those who want ticks, and the timer of each. */
struct tick_user {
	struct timer timer;
	void (*tick)(void);
};

struct slab_cache native_thread_memory GUARDED_BY(slabs);
static struct tick_user tick_users[TICK_USERS] GUARDED_BY(timers);
static uint32_t tick_user_count SET_AT_BOOT;

/* The descriptor, and the application thread with it, may be gone by now: nothing is looked at. */
int32_t native_wait_end(struct thread *thread)
{
	assert_held(driver);
	return thread->woken == WAKE_INTERRUPTED ? -EINTR : 0;
}

static void tick_again(struct timer *timer)
{
	list_entry(timer, struct tick_user, timer)->tick();
	timer_start(timer, 1);
}

void native_each_tick(void (*tick)(void))
{
	struct tick_user *user = &tick_users[tick_user_count++];

	assert(tick_user_count <= TICK_USERS);
	user->tick = tick;
	timer_prepare(&user->timer, tick_again);
	timer_start(&user->timer, 1);
}
