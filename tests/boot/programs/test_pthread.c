/*
 * The thread functions of the C library: every kind of lock with threads that contend for it, what
 * each thread has to itself, and what is used again.
 */
#include "common/tap.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define THREADS 4
#define ROUNDS  500

static _Thread_local int initialised = 42;
static _Thread_local char zeroed[100];
static _Thread_local long long aligned __attribute__((aligned(64)));

static void *return_argument(void *argument)
{
	return argument;
}

/* Runs THREADS threads of one function and waits for them; how many returned null. */
static int run_threads(void *(*function)(void *))
{
	pthread_t threads[THREADS];
	void *result;
	int good = 0;

	for (int index = 0; index < THREADS; index++)
		if (pthread_create(&threads[index], NULL, function, (void *)(intptr_t)index))
			return -1;
	for (int index = 0; index < THREADS; index++)
		good += pthread_join(threads[index], &result) == 0 && !result;
	return good;
}

static void test_create_join(void)
{
	pthread_t thread;
	void *result = NULL;
	int value, good = 0;

	for (int round = 0; round < ROUNDS; round++) {
		if (pthread_create(&thread, NULL, return_argument, &value))
			break;
		good += pthread_join(thread, &result) == 0 && result == &value;
	}
	ok_is(good, ROUNDS, "threads return what they are given, again and again");
	ok_is(pthread_join(pthread_self(), NULL), EDEADLK, "no thread can join itself");
	ok(pthread_equal(pthread_self(), pthread_self()), "a thread is equal to itself");
}

static void *check_locals(void *argument)
{
	int number = (intptr_t)argument;
	bool fresh = initialised == 42 && !zeroed[99] && !((uintptr_t)&aligned % 64);

	initialised = number;
	memset(zeroed, 1, sizeof zeroed);
	errno = 100 + number;
	sched_yield();
	return fresh && initialised == number && errno == 100 + number ? NULL : argument + 1;
}

static void test_locals(void)
{
	errno = 7;
	ok_is(run_threads(check_locals), THREADS,
	      "thread-local variables and errno are each thread's");
	ok_is(run_threads(check_locals), THREADS,
	      "they are fresh in threads that use memory again");
	ok(initialised == 42 && errno == 7, "the first thread's are as they were");
	ok_is((uintptr_t)&aligned % 64, 0, "the first thread's are aligned");
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static volatile int counter;

/* Yields inside, so that the others find the lock held. */
static void *count_with_mutex(void *argument)
{
	(void)argument;
	for (int round = 0; round < ROUNDS; round++) {
		int value;

		pthread_mutex_lock(&mutex);
		value = counter;
		if (round % 8 == 0)
			sched_yield();
		counter = value + 1;
		pthread_mutex_unlock(&mutex);
	}
	return NULL;
}

static struct timespec soon(void)
{
	struct timespec time;

	clock_gettime(CLOCK_REALTIME, &time);
	time.tv_nsec += 20000000;
	if (time.tv_nsec >= 1000000000) {
		time.tv_nsec -= 1000000000;
		time.tv_sec++;
	}
	return time;
}

static void *lock_in_vain(void *argument)
{
	const struct timespec deadline = soon();

	return pthread_mutex_trylock(argument) == EBUSY &&
			       pthread_mutex_timedlock(argument, &deadline) == ETIMEDOUT
		       ? NULL
		       : argument;
}

static void test_mutex(void)
{
	counter = 0;
	ok_is(run_threads(count_with_mutex), THREADS, "threads that contend for a mutex end");
	ok_is(counter, THREADS * ROUNDS, "a mutex lets one thread in at a time");
	pthread_mutex_lock(&mutex);
	pthread_t thread;
	void *result = &mutex;
	pthread_create(&thread, NULL, lock_in_vain, &mutex);
	pthread_join(thread, &result);
	ok(!result, "a held mutex is EBUSY for trylock and ETIMEDOUT for timedlock");
	pthread_mutex_unlock(&mutex);
}

static void *unlock_others(void *argument)
{
	return (void *)(intptr_t)pthread_mutex_unlock(argument);
}

static void test_mutex_types(void)
{
	pthread_mutexattr_t attributes;
	pthread_mutex_t recursive, checked;
	pthread_t thread;
	void *result = NULL;

	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&recursive, &attributes);
	pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
	pthread_mutex_init(&checked, &attributes);
	ok_is(pthread_mutexattr_settype(&attributes, 17), EINVAL, "there is no mutex of type 17");

	pthread_mutex_lock(&recursive);
	ok_is(pthread_mutex_lock(&recursive), 0, "a recursive mutex can be locked again");
	pthread_mutex_unlock(&recursive);
	ok_is(pthread_mutex_destroy(&recursive), EBUSY, "and is then still held");
	pthread_mutex_unlock(&recursive);
	ok_is(pthread_mutex_unlock(&recursive), EPERM, "but not unlocked once too often");

	pthread_mutex_lock(&checked);
	ok_is(pthread_mutex_lock(&checked), EDEADLK, "an error-checking mutex sees the deadlock");
	pthread_create(&thread, NULL, unlock_others, &checked);
	pthread_join(thread, &result);
	ok_is((intptr_t)result, EPERM, "and who does not hold it");
	pthread_mutex_unlock(&checked);
}

static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int turn;

static void *take_turns(void *argument)
{
	int mine = (intptr_t)argument;

	for (int round = 0; round < 50; round++) {
		pthread_mutex_lock(&mutex);
		while (turn % THREADS != mine)
			pthread_cond_wait(&changed, &mutex);
		turn++;
		pthread_cond_broadcast(&changed);
		pthread_mutex_unlock(&mutex);
	}
	return NULL;
}

static void test_condition(void)
{
	struct timespec deadline;

	turn = 0;
	ok_is(run_threads(take_turns), THREADS, "threads take turns by a condition variable");
	ok_is(turn, THREADS * 50, "each had all its turns");
	pthread_mutex_lock(&mutex);
	deadline = soon();
	ok_is(pthread_cond_timedwait(&changed, &mutex, &deadline), ETIMEDOUT,
	      "waiting without a signal ends at the deadline");
	deadline.tv_nsec = -1;
	ok_is(pthread_cond_timedwait(&changed, &mutex, &deadline), EINVAL,
	      "a deadline must be a time");
	ok_is(pthread_mutex_trylock(&mutex), EBUSY, "the mutex is held after waiting");
	pthread_mutex_unlock(&mutex);
}

static pthread_barrier_t barrier;
static int arrived;
static int serial;

static void *meet(void *argument)
{
	for (int round = 1; round <= 50; round++) {
		__atomic_add_fetch(&arrived, 1, __ATOMIC_SEQ_CST);
		if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
			__atomic_add_fetch(&serial, 1, __ATOMIC_SEQ_CST);
		if (__atomic_load_n(&arrived, __ATOMIC_SEQ_CST) < round * THREADS)
			return argument + 1;
		pthread_barrier_wait(&barrier);
	}
	return NULL;
}

static void test_barrier(void)
{
	ok_is(pthread_barrier_init(&barrier, NULL, 0), EINVAL, "a barrier is for at least one");
	pthread_barrier_init(&barrier, NULL, THREADS);
	ok_is(run_threads(meet), THREADS, "nobody passes a barrier before all have arrived");
	ok_is(serial, 50, "one thread a round is told that it is the one");
	ok_is(pthread_barrier_destroy(&barrier), 0, "then the barrier can go");
}

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static volatile int first, second;

static void *read_or_write(void *argument)
{
	bool writer = (intptr_t)argument < 2;

	for (int round = 0; round < ROUNDS; round++) {
		if (writer) {
			pthread_rwlock_wrlock(&rwlock);
			first++;
			if (round % 16 == 0)
				sched_yield();
			second++;
		} else {
			pthread_rwlock_rdlock(&rwlock);
			if (first != second)
				return argument;
			if (round % 16 == 0)
				sched_yield();
		}
		pthread_rwlock_unlock(&rwlock);
	}
	return NULL;
}

static void test_rwlock(void)
{
	ok_is(run_threads(read_or_write), THREADS, "readers never see a writer's work half done");
	ok_is(first, 2 * ROUNDS, "writers exclude each other");
	pthread_rwlock_rdlock(&rwlock);
	ok_is(pthread_rwlock_tryrdlock(&rwlock), 0, "two may read");
	ok_is(pthread_rwlock_trywrlock(&rwlock), EBUSY, "but not write as well");
	pthread_rwlock_unlock(&rwlock);
	pthread_rwlock_unlock(&rwlock);
	ok_is(pthread_rwlock_trywrlock(&rwlock), 0, "until they are done");
	ok_is(pthread_rwlock_tryrdlock(&rwlock), EBUSY, "and nobody reads what is written");
	pthread_rwlock_unlock(&rwlock);
}

static sem_t items, spaces;
static int slot;

static void *produce_or_consume(void *argument)
{
	long sum = 0;

	for (int round = 1; round <= ROUNDS; round++) {
		if (argument) {
			sem_wait(&items);
			sum += slot;
			sem_post(&spaces);
		} else {
			sem_wait(&spaces);
			slot = round;
			sem_post(&items);
		}
	}
	return (void *)(argument ? sum : 0);
}

static void test_semaphore(void)
{
	pthread_t threads[2];
	void *sum;
	int value;

	sem_init(&items, 0, 0);
	sem_init(&spaces, 0, 1);
	pthread_create(&threads[0], NULL, produce_or_consume, NULL);
	pthread_create(&threads[1], NULL, produce_or_consume, &slot);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], &sum);
	ok_is((long)sum, ROUNDS * (ROUNDS + 1) / 2, "semaphores pass items one by one");
	ok_errno(sem_trywait(&items), EAGAIN, "taking from an empty semaphore");
	sem_getvalue(&spaces, &value);
	ok_is(value, 1, "a semaphore tells its value");
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int initialisations;

static void initialise(void)
{
	sched_yield();
	initialisations++;
}

static void *call_once(void *argument)
{
	(void)argument;
	pthread_once(&once, initialise);
	return initialisations == 1 ? NULL : &once;
}

static pthread_key_t key;
static int destroyed;

static void destroy(void *value)
{
	__atomic_add_fetch(&destroyed, *(int *)value, __ATOMIC_RELAXED);
	free(value);
}

static void *use_key(void *argument)
{
	int *value = malloc(sizeof *value);

	if (pthread_getspecific(key))
		return argument + 1;
	*value = 1;
	pthread_setspecific(key, value);
	sched_yield();
	return pthread_getspecific(key) == value ? NULL : argument + 1;
}

static void test_once_and_keys(void)
{
	pthread_key_t other;

	ok_is(run_threads(call_once), THREADS, "what is called once is done for all who return");
	ok_is(initialisations, 1, "and was called once");
	pthread_key_create(&key, destroy);
	ok_is(run_threads(use_key), THREADS, "each thread has its own value of a key");
	ok_is(destroyed, THREADS, "the values are destroyed with the threads");
	pthread_setspecific(key, &key);
	pthread_key_delete(key);
	pthread_key_create(&other, NULL);
	ok(!pthread_getspecific(other), "a new key has no value from a deleted one");
	ok_is(pthread_setspecific(PTHREAD_KEYS_MAX, NULL), EINVAL, "there are only so many keys");
}

static void *use_stack(void *argument)
{
	volatile char array[300000];

	array[0] = array[sizeof array - 1] = 1;
	return argument == (void *)&array ? argument : NULL;
}

static sem_t ended;

static void *end_detached(void *argument)
{
	sem_post(&ended);
	return argument;
}

static void test_attributes(void)
{
	pthread_attr_t attributes;
	pthread_t thread;
	void *result = &thread;

	pthread_attr_init(&attributes);
	ok_is(pthread_attr_setstacksize(&attributes, 100), EINVAL, "a stack has a least size");
	pthread_attr_setstacksize(&attributes, 400000);
	ok_is(pthread_create(&thread, &attributes, use_stack, NULL), 0,
	      "a large stack is provided");
	pthread_join(thread, &result);
	ok(!result, "and used");

	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	sem_init(&ended, 0, 0);
	int created = 0;
	for (int round = 0; round < ROUNDS; round++) {
		created += pthread_create(&thread, &attributes, end_detached, NULL) == 0;
		sem_wait(&ended);
	}
	ok_is(created, ROUNDS, "detached threads leave nothing behind that would run out");
	ok_is(pthread_detach(pthread_self()), 0, "the first thread can be detached");
	ok_is(pthread_detach(pthread_self()), EINVAL, "once");
}

static void *exit_later(void *argument)
{
	usleep(20000);
	printf("# written by the last thread\n");
	exit(argument ? 3 : 4);
}

static void leave_first_thread(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, exit_later, &thread);
	pthread_exit(NULL);
}

static void *fork_from_thread(void *argument)
{
	(void)argument;
	return in_child(leave_first_thread) == 3 << 8 ? NULL : &key;
}

static void test_exit(void)
{
	pthread_t thread;
	void *result = &thread;

	ok_is(in_child(leave_first_thread), 3 << 8, "the process ends when another thread exits");
	pthread_create(&thread, NULL, fork_from_thread, NULL);
	pthread_join(thread, &result);
	ok(!result, "a child forked by a thread makes and ends threads");
}

int main(void)
{
	test_create_join();
	test_locals();
	test_mutex();
	test_mutex_types();
	test_condition();
	test_barrier();
	test_rwlock();
	test_semaphore();
	test_once_and_keys();
	test_attributes();
	test_exit();
	return done_testing();
}
