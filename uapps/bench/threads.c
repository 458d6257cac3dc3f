/*
 * threads: creating and joining a thread, a mutex that nobody else wants, and handing the processor
 * over between two threads by a condition variable.
 */
#include "common/bench.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#define THREADS  50
#define LOCKS    1000
#define SWITCHES 100

static void *nothing(void *argument)
{
	return argument;
}

static void create_join(uint32_t count)
{
	pthread_t thread;
	void *result;

	for (; count > 0; count--) {
		bench_check(pthread_create(&thread, NULL, nothing, &thread) == 0, "pthread_create");
		bench_check(pthread_join(thread, &result) == 0 && result == &thread,
			    "pthread_join");
	}
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turned = PTHREAD_COND_INITIALIZER;
static int turn; /* 0: the main thread's, 1: the other's, 2: the end */

static void lock_unlock(uint32_t count)
{
	for (; count > 0; count--) {
		pthread_mutex_lock(&mutex);
		pthread_mutex_unlock(&mutex);
	}
}

static void take_turn(int mine, int next)
{
	pthread_mutex_lock(&mutex);
	while (turn != mine && turn != 2)
		pthread_cond_wait(&turned, &mutex);
	if (turn != 2)
		turn = next;
	pthread_cond_signal(&turned);
	pthread_mutex_unlock(&mutex);
}

static void *other_main(void *argument)
{
	while (turn != 2)
		take_turn(1, 0);
	return argument;
}

static void take_turns(uint32_t count)
{
	for (; count > 0; count--)
		take_turn(0, 1);
}

int main(int argc, char **argv)
{
	pthread_t other;

	bench_start(argc, argv, "threads",
		    "Thread creation and join, an uncontended mutex, turns of two threads.");
	bench_measure("create_join", THREADS, create_join);
	bench_measure("mutex", LOCKS, lock_unlock);
	bench_check(pthread_create(&other, NULL, other_main, NULL) == 0, "pthread_create");
	bench_measure("turn", SWITCHES, take_turns);
	take_turn(0, 2);
	bench_check(pthread_join(other, NULL) == 0, "pthread_join");
	return 0;
}
