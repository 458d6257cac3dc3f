/*
 * A count of wakes, and a futex on it.
 */
#include "wake.h"

#include <castle/castle.h>
#include <stdint.h>

static uint32_t wakes;

void wake(void)
{
	__atomic_fetch_add(&wakes, 1, __ATOMIC_RELEASE);
	castle_futex_wake(&wakes, 1);
}

void wake_wait(unsigned milliseconds)
{
	const struct castle_timespec most = { .seconds = milliseconds / 1000,
					      .nanoseconds = milliseconds % 1000 * 1000000 };
	static uint32_t seen;

	if (milliseconds && __atomic_load_n(&wakes, __ATOMIC_ACQUIRE) == seen)
		castle_futex_wait(&wakes, seen, &most);
	seen = __atomic_load_n(&wakes, __ATOMIC_ACQUIRE);
}
