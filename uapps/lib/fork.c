/*
 * fork(), and what must hold in the child: it has one thread, the caller, so locks that other
 * threads might have held at that moment must be free. The heap's locks are taken around the call;
 * programs add their own with pthread_atfork(). A process that has started no thread needs none of
 * this, and writes no page for it that parent and child could go on sharing.
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

static int has_had_threads(void)
{
	return thread_has_started_others && thread_has_started_others();
}

static void before_fork(int threads)
{
	for (struct fork_handlers *handlers = newest; handlers; handlers = handlers->older)
		if (handlers->prepare)
			handlers->prepare();
	if (threads && heap_before_fork)
		heap_before_fork();
}

static void after_fork(int in_child, int threads)
{
	struct bootstrap *bootstrap = thread_self()->bootstrap;

	if (in_child && bootstrap)
		bootstrap_after_fork(bootstrap);
	if (in_child && threads)
		thread_is_only_one();
	if (threads && heap_after_fork)
		heap_after_fork(in_child);
	for (struct fork_handlers *handlers = oldest; handlers; handlers = handlers->newer) {
		void (*handler)(void) = in_child ? handlers->child : handlers->parent;

		if (handler)
			handler();
	}
}

int _fork_r(struct _reent *reent)
{
	const int threads = has_had_threads();
	int result;

	before_fork(threads);
	result = castle_call0(CASTLE_CALL_fork);
	after_fork(result == 0, threads);
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
