/*
 * A lock in one word that the kernel can wait on: 0 free, 1 held, 2 held and perhaps waited for.
 * The third state is what spares a release without waiters its system call.
 */
#ifndef CASTLE_LIB_FUTEX_LOCK_H
#define CASTLE_LIB_FUTEX_LOCK_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <castle/abi.h>
#include "futex.h"

/* Takes a free lock; false if it is held. */
static inline bool futex_trylock(uint32_t *word)
{
	uint32_t free = 0;

	return __atomic_compare_exchange_n(word, &free, 1, false, __ATOMIC_ACQUIRE,
					   __ATOMIC_RELAXED);
}

/*
 * Takes the lock, waiting until `deadline` on `clock` if one is given. 0, or ETIMEDOUT, or EINVAL
 * for a deadline that is no time.
 */
int futex_lock_slow(uint32_t *word, clockid_t clock, const struct timespec *deadline);

/* Takes the lock; waits as long as it is held. */
static inline void futex_lock(uint32_t *word)
{
	if (!futex_trylock(word))
		futex_lock_slow(word, 0, NULL);
}

/* Frees a held lock and wakes one thread that waits for it. */
static inline void futex_unlock(uint32_t *word)
{
	if (__atomic_exchange_n(word, 0, __ATOMIC_RELEASE) == 2)
		futex_wake(word, 1);
}

#endif
