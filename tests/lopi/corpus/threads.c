/* Threads that run the same functions at once. */
#include "corpus.h"

#include <pthread.h>

enum { THREADS = 4, ROUNDS = 2000 };

static NOINLINE unsigned step(unsigned value, int thread)
{
	return value * 1664525 + thread;
}

static NOINLINE unsigned recurse(unsigned value, int depth)
{
	return depth == 0 ? step(value, 1) : recurse(step(value, depth), depth - 1) + 1;
}

static void *work(void *argument)
{
	unsigned *value = argument;

	for (int round = 0; round < ROUNDS; round++)
		*value = recurse(*value, round % 7);
	return argument;
}

void threads_test(void)
{
	pthread_t threads[THREADS];
	unsigned values[THREADS], sum = 0;

	for (int index = 0; index < THREADS; index++) {
		values[index] = index;
		pthread_create(&threads[index], NULL, work, &values[index]);
	}
	for (int index = 0; index < THREADS; index++) {
		pthread_join(threads[index], NULL);
		sum ^= values[index];
	}
	printf("threads %u\n", sum);
}
