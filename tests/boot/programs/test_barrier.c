/*
 * Barriers with fewer, as many and more threads than processors: whoever waits may look at the
 * barrier, sleep, or be about to sleep when the last thread comes, and the barrier may be gone
 * right after.
 */
#include "common/tap.h"

#include <castle/castle.h>
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define THREADS_MAX 25
#define ROUNDS      100
#define LATE_ROUNDS 5
#define LATE        20000 /* microseconds: waiters sleep by then */
#define PATTERN     0xa5

static uint32_t threads;
static pthread_barrier_t barrier, other;
static uint32_t arrived, told, early;
static uint32_t late_by; /* microseconds that one thread comes later, another one each round */

/* Runs a function in all threads, the main thread being the first of them. */
static void run_threads(void *(*function)(void *))
{
	pthread_t ids[THREADS_MAX];

	for (uintptr_t i = 1; i < threads; i++)
		if (pthread_create(&ids[i], NULL, function, (void *)i) != 0) {
			ok(false, "pthread_create");
			exit(1);
		}
	function(NULL);
	for (uint32_t i = 1; i < threads; i++)
		pthread_join(ids[i], NULL);
}

static void count_up(uint32_t *count)
{
	__atomic_add_fetch(count, 1, __ATOMIC_SEQ_CST);
}

static void wait_counted(pthread_barrier_t *where)
{
	if (pthread_barrier_wait(where) == PTHREAD_BARRIER_SERIAL_THREAD)
		count_up(&told);
}

static void meet(uint32_t rounds, uintptr_t number)
{
	for (uint32_t round = 1; round <= rounds; round++) {
		if (late_by && round % threads == number)
			usleep(late_by);
		count_up(&arrived);
		wait_counted(&barrier);
		if (__atomic_load_n(&arrived, __ATOMIC_SEQ_CST) < round * threads)
			count_up(&early);
		wait_counted(&other);
	}
}

static void *meet_often(void *number)
{
	meet(ROUNDS, (uintptr_t)number);
	return NULL;
}

static void *meet_late(void *number)
{
	meet(LATE_ROUNDS, (uintptr_t)number);
	return NULL;
}

static void test_meeting(void *(*function)(void *), uint32_t rounds, const char *how)
{
	arrived = told = early = 0;
	pthread_barrier_init(&barrier, NULL, threads);
	pthread_barrier_init(&other, NULL, threads);
	run_threads(function);
	ok(early == 0, "%lu threads, %s: nobody passes before all have arrived",
	   (unsigned long)threads, how);
	ok(told == 2 * rounds, "%lu threads, %s: one a round is told that it is the one",
	   (unsigned long)threads, how);
	ok(pthread_barrier_destroy(&barrier) == 0 && pthread_barrier_destroy(&other) == 0,
	   "%lu threads, %s: then the barriers can go", (unsigned long)threads, how);
}

/* The main thread destroys each barrier as soon as it is through, and uses its memory. */
static void *destroy_at_once(void *number)
{
	for (uint32_t round = 0; round < ROUNDS; round++) {
		pthread_barrier_wait(&barrier);
		if (!number) {
			if (pthread_barrier_destroy(&barrier) != 0)
				count_up(&early);
			memset(&barrier, PATTERN, sizeof barrier);
		}
		pthread_barrier_wait(&other);
		if (!number) {
			for (uint32_t i = 0; i < sizeof barrier; i++)
				if (((uint8_t *)&barrier)[i] != PATTERN)
					count_up(&early);
			pthread_barrier_init(&barrier, NULL, threads);
		}
		pthread_barrier_wait(&other);
	}
	return NULL;
}

static void test_destroying(void)
{
	early = 0;
	pthread_barrier_init(&barrier, NULL, threads);
	pthread_barrier_init(&other, NULL, threads);
	run_threads(destroy_at_once);
	ok(early == 0, "%lu threads: a barrier is destroyed by the first that is through",
	   (unsigned long)threads);
}

static void *wait_once(void *argument)
{
	pthread_barrier_wait(&barrier);
	return argument;
}

static void test_errors(void)
{
	pthread_t waiter;

	ok_is(pthread_barrier_init(&barrier, NULL, 0), EINVAL, "a barrier is for at least one");
	pthread_barrier_init(&barrier, NULL, 2);
	pthread_create(&waiter, NULL, wait_once, NULL);
	usleep(LATE);
	ok_is(pthread_barrier_destroy(&barrier), EBUSY,
	      "a barrier that a thread waits at is not destroyed");
	wait_once(NULL);
	pthread_join(waiter, NULL);
	ok_is(pthread_barrier_destroy(&barrier), 0, "afterwards it is");
}

static void test_threads(uint32_t count)
{
	threads = count < THREADS_MAX ? count : THREADS_MAX;
	late_by = 0;
	test_meeting(meet_often, ROUNDS, "all at once");
	late_by = LATE;
	test_meeting(meet_late, LATE_ROUNDS, "one of them late");
	test_destroying();
}

int main(void)
{
	const uint32_t cpus = castle_program_cpus();

	test_errors();
	test_threads(1);
	test_threads(2);
	test_threads(cpus);
	test_threads(cpus + 1);
	test_threads(3 * cpus + 1);
	return done_testing();
}
