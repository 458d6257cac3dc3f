/* Threads that are cancelled or end deep in calls, what runs for them then, and what runs before
 * and after main(). */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static pthread_key_t key;
static int value;

static __attribute__((noinline)) int leaf(int number)
{
	return number + 1;
}

static void clean(void *unused)
{
	(void)unused;
	value = leaf(value);
}

static void forget(void *unused)
{
	(void)unused;
	value = leaf(value) + 9;
}

static __attribute__((noinline)) void deep(int depth, int by_itself)
{
	if (depth) {
		deep(depth - 1, by_itself);
		leaf(depth);
		return;
	}
	if (by_itself)
		pthread_exit((void *)7L);
	for (;;)
		pause();
}

static void *thread(void *by_itself)
{
	pthread_setspecific(key, &key);
	pthread_cleanup_push(clean, NULL);
	deep(10, by_itself != NULL);
	pthread_cleanup_pop(1);
	return NULL;
}

static void first_exit(void)
{
	printf("first %d\n", leaf(3));
}

static void second_exit(void)
{
	printf("second %d\n", leaf(4));
}

static __attribute__((constructor)) void before(void)
{
	printf("before %d\n", leaf(5));
}

static __attribute__((destructor)) void after(void)
{
	printf("after %d\n", leaf(6));
}

int main(void)
{
	atexit(first_exit);
	atexit(second_exit);
	pthread_key_create(&key, forget);
	for (long by_itself = 0; by_itself < 2; by_itself++) {
		pthread_t one;
		void *result;

		pthread_create(&one, NULL, thread, (void *)by_itself);
		if (!by_itself)
			pthread_cancel(one);
		pthread_join(one, &result);
		printf("%ld %d\n", (long)result, value);
	}
	return 0;
}
