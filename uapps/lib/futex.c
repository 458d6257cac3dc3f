/*
 * The futex calls as the library uses them: deadlines turned into the kernel's time-outs, and the
 * slow path of locks.
 */
#include <castle/castle.h>
#include "futex_lock.h"
#include "result.h"

#define NANOSECONDS_PER_SECOND 1000000000

/*
 * A thread that sleeps costs itself, the one that wakes it and everyone behind it in the kernel
 * some thousands of cycles each, and those that arrive at a barrier together are woken one by one.
 * Threads with a processor each lose nothing by looking for long: what they wait for is work of
 * their own program. Other programs' threads lose less than half a tick of the slowest machine.
 */
#define SPIN_CYCLES 200000

/* A lock is held for less than that, as a rule, if its holder runs. */
#define LOCK_SPIN_CYCLES 1000

void futex_wait(uint32_t *word, uint32_t expected)
{
	castle_call3(CASTLE_CALL_futex_wait, address(word), expected, 0);
}

void futex_wake(uint32_t *word, int count)
{
	castle_call2(CASTLE_CALL_futex_wake, address(word), count);
}

static uint32_t cycles(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return low;
}

bool futex_spin(const uint32_t *word, uint32_t expected)
{
	const uint32_t start = cycles();

	do {
		if (__atomic_load_n(word, __ATOMIC_ACQUIRE) != expected)
			return true;
		__builtin_ia32_pause();
	} while (cycles() - start < SPIN_CYCLES);
	return false;
}

/* The time left until `deadline`; false if there is none. */
static bool time_left(clockid_t clock, const struct timespec *deadline,
		      struct castle_timespec *left)
{
	struct timespec now;
	int64_t seconds;
	long nanoseconds;

	clock_gettime(clock ? clock : CLOCK_REALTIME, &now);
	seconds = deadline->tv_sec - now.tv_sec;
	nanoseconds = deadline->tv_nsec - now.tv_nsec;
	if (nanoseconds < 0) {
		nanoseconds += NANOSECONDS_PER_SECOND;
		seconds--;
	}
	if (seconds < 0 || (!seconds && !nanoseconds))
		return false;
	left->seconds = seconds > UINT32_MAX ? UINT32_MAX : seconds;
	left->nanoseconds = nanoseconds;
	return true;
}

int futex_wait_interruptible(uint32_t *word, uint32_t expected, clockid_t clock,
			     const struct timespec *deadline)
{
	struct castle_timespec left;
	int32_t result;

	if (deadline && (deadline->tv_nsec < 0 || deadline->tv_nsec >= NANOSECONDS_PER_SECOND))
		return EINVAL;
	if (deadline && !time_left(clock, deadline, &left))
		return ETIMEDOUT;
	result = castle_call3(CASTLE_CALL_futex_wait, address(word), expected,
			      deadline ? address(&left) : 0);
	return result == -ETIMEDOUT || result == -EINTR ? -result : 0;
}

int futex_wait_shared(const uint32_t *word, uint32_t expected, clockid_t clock,
		      const struct timespec *deadline)
{
	const struct castle_timespec tick = { 0, NANOSECONDS_PER_SECOND / CASTLE_TIMES_HZ };
	struct castle_timespec left;

	if (deadline && (deadline->tv_nsec < 0 || deadline->tv_nsec >= NANOSECONDS_PER_SECOND))
		return EINVAL;
	if (deadline && !time_left(clock, deadline, &left))
		return ETIMEDOUT;
	if (__atomic_load_n(word, __ATOMIC_ACQUIRE) == expected)
		castle_call2(CASTLE_CALL_nanosleep, address(&tick), 0);
	return 0;
}

int futex_wait_until(uint32_t *word, uint32_t expected, clockid_t clock,
		     const struct timespec *deadline)
{
	const int error = futex_wait_interruptible(word, expected, clock, deadline);

	return error == EINTR ? 0 : error;
}

/* Takes the lock if it comes free soon; false if not, or if its holder cannot run meanwhile. */
static bool lock_spin(uint32_t *word)
{
	const uint32_t start = cycles();

	if (castle_program_cpus() == 1)
		return false;
	do {
		if (!__atomic_load_n(word, __ATOMIC_RELAXED) && futex_trylock(word))
			return true;
		__builtin_ia32_pause();
	} while (cycles() - start < LOCK_SPIN_CYCLES);
	return false;
}

/*
 * Once a thread has waited, it takes the lock in state 2, since it cannot know whether others still
 * wait: at worst one release too many enters the kernel.
 */
int futex_lock_slow(uint32_t *word, clockid_t clock, const struct timespec *deadline)
{
	int error;

	if (lock_spin(word))
		return 0;
	while (__atomic_exchange_n(word, 2, __ATOMIC_ACQUIRE)) {
		error = futex_wait_until(word, 2, clock, deadline);
		if (error)
			return error;
	}
	return 0;
}
