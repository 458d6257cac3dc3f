/*
 * Attributes of threads that are to be created: detached or not, and the stack.
 */
#include <errno.h>
#include <limits.h>
#include <pthread.h>

int pthread_attr_init(pthread_attr_t *attributes)
{
	*attributes = (pthread_attr_t){
		.stacksize = PTHREAD_STACK_DEFAULT,
		.detachstate = PTHREAD_CREATE_JOINABLE,
	};
	return 0;
}

int pthread_attr_destroy(pthread_attr_t *attributes)
{
	(void)attributes;
	return 0;
}

int pthread_attr_setdetachstate(pthread_attr_t *attributes, int state)
{
	if (state != PTHREAD_CREATE_JOINABLE && state != PTHREAD_CREATE_DETACHED)
		return EINVAL;
	attributes->detachstate = state;
	return 0;
}

int pthread_attr_getdetachstate(const pthread_attr_t *attributes, int *state)
{
	*state = attributes->detachstate;
	return 0;
}

/* Up to PTHREAD_STACK_DEFAULT the kernel provides the stack; a larger one comes from the heap. */
int pthread_attr_setstacksize(pthread_attr_t *attributes, size_t size)
{
	if (size < PTHREAD_STACK_MIN)
		return EINVAL;
	attributes->stacksize = size;
	return 0;
}

int pthread_attr_getstacksize(const pthread_attr_t *attributes, size_t *size)
{
	*size = attributes->stacksize;
	return 0;
}

int pthread_attr_setstack(pthread_attr_t *attributes, void *lowest, size_t size)
{
	if (!lowest || size < PTHREAD_STACK_MIN)
		return EINVAL;
	attributes->stackaddr = lowest;
	attributes->stacksize = size;
	return 0;
}

int pthread_attr_getstack(const pthread_attr_t *attributes, void **lowest, size_t *size)
{
	*lowest = attributes->stackaddr;
	*size = attributes->stacksize;
	return 0;
}
