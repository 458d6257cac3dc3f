/*
 * Thread-specific data. A key's generation tells values of the key from those that threads stored
 * under a deleted key of the same number.
 */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include "futex_lock.h"
#include "thread.h"

struct key {
	uint32_t generation; /* odd while the key exists */
	void (*destructor)(void *);
};

struct thread_value {
	uint32_t generation;
	const void *value;
};

static struct key keys[PTHREAD_KEYS_MAX];
static uint32_t keys_lock;

static bool key_exists(pthread_key_t key)
{
	return key < PTHREAD_KEYS_MAX && (keys[key].generation & 1);
}

int pthread_key_create(pthread_key_t *key, void (*destructor)(void *))
{
	pthread_key_t index = 0;

	futex_lock(&keys_lock);
	while (index < PTHREAD_KEYS_MAX && key_exists(index))
		index++;
	if (index < PTHREAD_KEYS_MAX) {
		keys[index].generation++;
		keys[index].destructor = destructor;
		*key = index;
	}
	futex_unlock(&keys_lock);
	return index < PTHREAD_KEYS_MAX ? 0 : EAGAIN;
}

int pthread_key_delete(pthread_key_t key)
{
	int error = EINVAL;

	futex_lock(&keys_lock);
	if (key_exists(key)) {
		keys[key].generation++;
		error = 0;
	}
	futex_unlock(&keys_lock);
	return error;
}

int pthread_setspecific(pthread_key_t key, const void *value)
{
	struct __castle_thread *self = thread_self();

	if (!key_exists(key))
		return EINVAL;
	if (!self->values) {
		self->values = calloc(PTHREAD_KEYS_MAX, sizeof(*self->values));
		if (!self->values)
			return ENOMEM;
	}
	self->values[key] = (struct thread_value){ keys[key].generation, value };
	return 0;
}

void *pthread_getspecific(pthread_key_t key)
{
	const struct thread_value *values = thread_self()->values;

	if (!values || !key_exists(key) || values[key].generation != keys[key].generation)
		return NULL;
	return (void *)values[key].value;
}

/* Calls the destructor of one key, if it has one and a value; true if it did. */
static bool destroy_value(pthread_key_t key)
{
	void *value = pthread_getspecific(key);
	void (*destructor)(void *) = keys[key].destructor;

	if (!value || !destructor)
		return false;
	pthread_setspecific(key, NULL);
	destructor(value);
	return true;
}

/* Destructors may set values again, so there are several rounds. */
void thread_run_key_destructors(void)
{
	struct __castle_thread *self = thread_self();
	bool again = self->values != NULL;

	for (int round = 0; again && round < PTHREAD_DESTRUCTOR_ITERATIONS; round++) {
		again = false;
		for (pthread_key_t key = 0; key < PTHREAD_KEYS_MAX; key++)
			again |= destroy_value(key);
	}
	free(self->values);
	self->values = NULL;
}
