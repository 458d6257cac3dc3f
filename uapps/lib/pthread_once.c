/*
 * One-time initialisation.
 */
#include <pthread.h>
#include <stdbool.h>
#include "futex.h"

enum { NOT_RUN, RUNS, RUNS_WAITED_FOR, DONE };

static void run(pthread_once_t *once, void (*routine)(void))
{
	routine();
	if (__atomic_exchange_n(&once->state, DONE, __ATOMIC_ACQ_REL) == RUNS_WAITED_FOR)
		futex_wake(&once->state, FUTEX_ALL);
}

int pthread_once(pthread_once_t *once, void (*routine)(void))
{
	uint32_t state = __atomic_load_n(&once->state, __ATOMIC_ACQUIRE);

	while (state != DONE) {
		uint32_t next = state == NOT_RUN ? RUNS : RUNS_WAITED_FOR;

		if (!__atomic_compare_exchange_n(&once->state, &state, next, false,
						 __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
			continue;
		if (next == RUNS)
			run(once, routine);
		else
			futex_wait(&once->state, RUNS_WAITED_FOR);
		state = __atomic_load_n(&once->state, __ATOMIC_ACQUIRE);
	}
	return 0;
}
