/*
 * fork(), and what must hold in the child: it has one thread, the caller, so locks that other
 * threads might have held at that moment must be free. The heap's locks are taken around the call;
 * programs add their own with pthread_atfork(). A program without thread functions in it has one
 * thread, and needs none of this.
 */
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>
#include "bootstrap_native.h"
#include "heap_cache.h"
#include "result.h"
#include "thread.h"

struct fork_handlers {
	void (*prepare)(void);
	void (*parent)(void);
	void (*child)(void);
	struct fork_handlers *older;
	struct fork_handlers *newer;
};

static struct fork_handlers *newest, *oldest;

int pthread_atfork(void (*prepare)(void), void (*parent)(void), void (*child)(void))
{
	struct fork_handlers *handlers = malloc(sizeof(*handlers));

	if (!handlers)
		return ENOMEM;
	*handlers = (struct fork_handlers){ prepare, parent, child, newest, NULL };
	if (newest)
		newest->newer = handlers;
	else
		oldest = handlers;
	newest = handlers;
	return 0;
}

static void before_fork(void)
{
	for (struct fork_handlers *handlers = newest; handlers; handlers = handlers->older)
		if (handlers->prepare)
			handlers->prepare();
	if (thread_is_only_one && heap_before_fork)
		heap_before_fork();
}

static void after_fork(int in_child)
{
	struct bootstrap *bootstrap = thread_self()->bootstrap;

	if (in_child && bootstrap)
		bootstrap_after_fork(bootstrap);
	if (in_child && thread_is_only_one)
		thread_is_only_one();
	if (thread_is_only_one && heap_after_fork)
		heap_after_fork(in_child);
	for (struct fork_handlers *handlers = oldest; handlers; handlers = handlers->newer) {
		void (*handler)(void) = in_child ? handlers->child : handlers->parent;

		if (handler)
			handler();
	}
}

int _fork_r(struct _reent *reent)
{
	int result;

	before_fork();
	result = castle_call0(CASTLE_CALL_fork);
	after_fork(result == 0);
	return result_in(reent, result);
}

pid_t fork(void)
{
	return _fork_r(_REENT);
}

/* POSIX allows the child no more than fork() does. */
pid_t vfork(void)
{
	return fork();
}
