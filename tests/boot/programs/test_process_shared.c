/*
 * Mutexes, condition variables, barriers and read-write locks in memory that processes share.
 */
#include "common/guard.h"
#include "common/tap.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PROCESSES 3
#define ROUNDS    200

static struct common {
	pthread_mutex_t mutex, checked, robust;
	pthread_cond_t condition;
	pthread_barrier_t barrier;
	pthread_rwlock_t lock;
	volatile int count, ready, inside, worst;
} * common;

static void make(void)
{
	pthread_mutexattr_t mutex;
	pthread_condattr_t condition;
	pthread_barrierattr_t barrier;
	pthread_rwlockattr_t lock;
	int shared = 0;

	pthread_mutexattr_init(&mutex);
	ok_is(pthread_mutexattr_setpshared(&mutex, PTHREAD_PROCESS_SHARED), 0, "an attribute");
	pthread_mutexattr_getpshared(&mutex, &shared);
	ok_is(shared, PTHREAD_PROCESS_SHARED, "it is kept");
	ok_is(pthread_mutexattr_setpshared(&mutex, 7), EINVAL, "but for what there is not");
	ok_is(pthread_mutex_init(&common->mutex, &mutex), 0, "a shared mutex");
	pthread_mutexattr_settype(&mutex, PTHREAD_MUTEX_ERRORCHECK);
	pthread_mutex_init(&common->checked, &mutex);
	pthread_mutexattr_setrobust(&mutex, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&common->robust, &mutex);
	pthread_mutexattr_setprotocol(&mutex, PTHREAD_PRIO_INHERIT);
	ok_is(pthread_mutex_init(&common->mutex, &mutex), ENOTSUP,
	      "processes' priorities are not inherited");
	pthread_condattr_init(&condition);
	pthread_condattr_setpshared(&condition, PTHREAD_PROCESS_SHARED);
	pthread_cond_init(&common->condition, &condition);
	pthread_barrierattr_init(&barrier);
	pthread_barrierattr_setpshared(&barrier, PTHREAD_PROCESS_SHARED);
	pthread_barrier_init(&common->barrier, &barrier, PROCESSES);
	pthread_rwlockattr_init(&lock);
	pthread_rwlockattr_setpshared(&lock, PTHREAD_PROCESS_SHARED);
	pthread_rwlock_init(&common->lock, &lock);
}

static void add(void)
{
	pthread_barrier_wait(&common->barrier);
	for (int i = 0; i < ROUNDS; i++) {
		pthread_mutex_lock(&common->mutex);
		const int count = common->count;
		if (i % 16 == 0)
			usleep(1);
		common->count = count + 1;
		pthread_mutex_unlock(&common->mutex);
	}
	_exit(0);
}

static int run_all(void (*child)(void))
{
	pid_t children[PROCESSES];
	int ended = 0;

	for (int i = 0; i < PROCESSES; i++)
		if (!(children[i] = fork()))
			child();
	for (int i = 0; i < PROCESSES; i++)
		ended += guard_wait(children[i]) == 0;
	return ended;
}

static void wait_until_ready(void)
{
	pthread_mutex_lock(&common->mutex);
	common->inside++;
	while (!common->ready)
		pthread_cond_wait(&common->condition, &common->mutex);
	pthread_mutex_unlock(&common->mutex);
	_exit(0);
}

static void test_condition(void)
{
	pid_t children[PROCESSES];
	int ended = 0;

	for (int i = 0; i < PROCESSES; i++)
		if (!(children[i] = fork()))
			wait_until_ready();
	while (common->inside < PROCESSES)
		usleep(10000);
	pthread_mutex_lock(&common->mutex);
	common->ready = 1;
	pthread_cond_broadcast(&common->condition);
	pthread_mutex_unlock(&common->mutex);
	for (int i = 0; i < PROCESSES; i++)
		ended += guard_wait(children[i]) == 0;
	ok_is(ended, PROCESSES, "a condition is told to processes");
}

static void read_or_write(void)
{
	const int writes = getpid() % 2;

	for (int i = 0; i < 20; i++) {
		if (writes)
			pthread_rwlock_wrlock(&common->lock);
		else
			pthread_rwlock_rdlock(&common->lock);
		const int others =
			__atomic_fetch_add(&common->inside, writes ? 100 : 1, __ATOMIC_SEQ_CST);
		if ((writes && others) || others >= 100)
			common->worst = 1;
		if (i % 8 == 0)
			usleep(1);
		__atomic_sub_fetch(&common->inside, writes ? 100 : 1, __ATOMIC_SEQ_CST);
		pthread_rwlock_unlock(&common->lock);
	}
	_exit(0);
}

/* The first threads of two processes have the same name. */
static void lock_held(void)
{
	struct timespec soon;

	if (pthread_mutex_trylock(&common->checked) != EBUSY ||
	    pthread_mutex_unlock(&common->checked) != EPERM)
		_exit(1);
	clock_gettime(CLOCK_REALTIME, &soon);
	_exit(pthread_mutex_timedlock(&common->checked, &soon) == ETIMEDOUT ? 42 : 2);
}

static void end_with_it(void)
{
	pthread_mutex_lock(&common->robust);
	_exit(0);
}

int main(void)
{
	common = mmap(NULL, sizeof *common, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	ok(common != MAP_FAILED, "memory that processes share");
	make();
	ok_is(run_all(add), PROCESSES, "processes add to a number");
	ok_is(common->count, PROCESSES * ROUNDS, "one after the other");
	test_condition();
	common->inside = 0;
	ok_is(run_all(read_or_write), PROCESSES, "readers and writers");
	ok_is(common->worst, 0, "keep each other out");
	pthread_mutex_lock(&common->checked);
	ok_is(pthread_mutex_lock(&common->checked), EDEADLK, "one that is held is known");
	ok_is(guard_exit(lock_held), 42, "another process is not its owner");
	pthread_mutex_unlock(&common->checked);
	ok_is(guard_exit(end_with_it), 0, "a process ends with a robust mutex");
	ok_is(pthread_mutex_lock(&common->robust), EOWNERDEAD, "the next one is told");
	ok_is(pthread_mutex_consistent(&common->robust), 0, "and makes it good");
	pthread_mutex_unlock(&common->robust);
	ok_is(pthread_mutex_lock(&common->robust), 0, "from then on it is one as any");
	return done_testing();
}
