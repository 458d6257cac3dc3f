/*
 * Giving up the processor.
 */
#include <pthread.h>
#include <sched.h>
#include "result.h"

int sched_yield(void)
{
	return result_of(castle_call0(CASTLE_CALL_yield));
}

void pthread_yield(void)
{
	sched_yield();
}
