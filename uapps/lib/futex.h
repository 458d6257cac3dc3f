/*
 * Waiting on a word of memory, with POSIX's absolute deadlines.
 */
#ifndef CASTLE_LIB_FUTEX_H
#define CASTLE_LIB_FUTEX_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define FUTEX_ALL INT_MAX

/*
 * Waits while *word is `expected`; may also return for no reason. `deadline` is the time on `clock`
 * to give up at, or null. 0, or ETIMEDOUT, or EINVAL for a deadline that is no time.
 */
int futex_wait_until(uint32_t *word, uint32_t expected, clockid_t clock,
		     const struct timespec *deadline);

/*
 * The same for a word that processes share, of which the kernel knows nothing: the thread looks
 * again on each tick, so it is up to 10 ms late.
 */
int futex_wait_shared(const uint32_t *word, uint32_t expected, clockid_t clock,
		      const struct timespec *deadline);

/* The same, but EINTR if a signal was handled meanwhile. */
int futex_wait_interruptible(uint32_t *word, uint32_t expected, clockid_t clock,
			     const struct timespec *deadline);

/* Waits while *word is `expected`; may also return for no reason. */
void futex_wait(uint32_t *word, uint32_t expected);

/*
 * Looks at the word until it is not `expected` any more, for about as long as sleeping and being
 * woken takes; false if it still is then. Makes sense only where whoever changes it runs meanwhile.
 */
bool futex_spin(const uint32_t *word, uint32_t expected);

/* Wakes at most `count` threads that wait on the word. */
void futex_wake(uint32_t *word, int count);

#endif
