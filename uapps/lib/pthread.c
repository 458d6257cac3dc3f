/*
 * Threads: creation, end, joining. Creating must be cheap, so the blocks of ended threads are used
 * again, and the kernel provides the stacks. A thread ends with thread_exit(): once the kernel has
 * cleared its `running` word, nothing of it is in use any more.
 */
#include <pthread.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <castle/castle.h>
#include "bootstrap_native.h"
#include "futex_lock.h"
#include "heap_cache.h"
#include "result.h"
#include "pthread_robust.h"
#include "thread.h"

#define STACK_ALIGN 16

static uint32_t live_threads = 1;

/* Whether the process has started a thread: then another one may run, or be about to end. */
static uint32_t others_started;

/* Protects the two lists below. */
static uint32_t blocks_lock;

/* Blocks free for use. */
static struct __castle_thread *spare_blocks;

/* Blocks of detached threads that have ended, or are just about to: then `running` is still 1. */
static struct __castle_thread *detached_blocks;

void thread_is_only_one(void)
{
	live_threads = 1;
	others_started = 0;
	blocks_lock = 0;
	thread_self()->tid = 0;
}

int thread_has_started_others(void)
{
	return others_started;
}

static void push_block(struct __castle_thread **list, struct __castle_thread *thread)
{
	futex_lock(&blocks_lock);
	thread->next = *list;
	*list = thread;
	futex_unlock(&blocks_lock);
}

/* Takes the first block of a list whose thread has ended; null if there is none. */
static struct __castle_thread *pop_block(struct __castle_thread **list)
{
	struct __castle_thread *thread;

	futex_lock(&blocks_lock);
	while ((thread = *list) && __atomic_load_n(&thread->running, __ATOMIC_ACQUIRE))
		list = &thread->next;
	if (thread)
		*list = thread->next;
	futex_unlock(&blocks_lock);
	return thread;
}

/* A fresh block, or null when memory is out. */
static struct __castle_thread *allocate_block(void)
{
	struct __castle_thread *thread = pop_block(&spare_blocks);
	void *memory;

	if (!thread)
		thread = pop_block(&detached_blocks);
	if (thread) {
		memory = thread->memory;
		free(thread->stack);
	} else {
		memory = malloc(thread_block_size());
		if (!memory)
			return NULL;
	}
	thread = thread_block_init(memory);
	thread_reent_init(thread->reent);
	thread->memory = memory;
	return thread;
}

/* Gives back the block of a thread that has ended. The first thread's lies on its stack. */
static void release_block(struct __castle_thread *thread)
{
	if (!thread->memory)
		return;
	free(thread->stack);
	thread->stack = NULL;
	push_block(&spare_blocks, thread);
}

/* Where the kernel starts a thread, with its argument on the stack. */
static __attribute__((noreturn, force_align_arg_pointer)) void
thread_entry(struct __castle_thread *thread)
{
	pthread_exit(thread->start(thread->argument));
}

/* Puts the argument and an empty return address on a stack; returns the stack pointer. */
static uint32_t prepare_stack(void *stack, size_t size, struct __castle_thread *thread)
{
	uint32_t *top = (void *)(((uintptr_t)stack + size) & -STACK_ALIGN);

	*--top = address(thread);
	*--top = 0;
	return address(top);
}

/*
 * Chooses the stack: the caller's, one from the heap if more is asked for than the kernel's slots
 * have, else (0) the kernel's.
 */
static int choose_stack(const pthread_attr_t *attributes, struct __castle_thread *thread,
			uint32_t *stack)
{
	*stack = 0;
	if (!attributes)
		return 0;
	if (attributes->stackaddr) {
		*stack = prepare_stack(attributes->stackaddr, attributes->stacksize, thread);
	} else if (attributes->stacksize > PTHREAD_STACK_DEFAULT) {
		thread->stack = malloc(attributes->stacksize);
		if (!thread->stack)
			return EAGAIN;
		*stack = prepare_stack(thread->stack, attributes->stacksize, thread);
	}
	return 0;
}

/* newlib's; null in programs without stdio. */
void __sinit(struct _reent *reent) __attribute__((weak));

/*
 * stdio must be initialised for the first thread before it is for any other: newlib would forget
 * the standard streams if it came second, and exit() would not flush them.
 */
static void prepare_stdio(void)
{
	if (__sinit && !_GLOBAL_REENT->__sdidinit)
		__sinit(_GLOBAL_REENT);
}

static int32_t create_thread(const struct castle_thread *request)
{
	struct bootstrap *bootstrap = thread_self()->bootstrap;

	if (bootstrap)
		return bootstrap_create_thread(bootstrap, request);
	return castle_call1(CASTLE_CALL_thread_create, address(request));
}

/* The first thread learns its identifier when others can come to know of it. */
static void know_oneself(void)
{
	if (!thread_self()->tid)
		thread_self()->tid = castle_gettid();
}

static int start_thread(struct __castle_thread *thread, uint32_t stack)
{
	struct castle_thread request = {
		.entry = (uintptr_t)thread_entry,
		.stack = stack,
		.argument = address(thread),
		.tls = address(thread),
		.tid = address(&thread->tid),
	};
	int result;

	prepare_stdio();
	know_oneself();
	others_started = 1;
	thread->running = 1;
	__atomic_add_fetch(&live_threads, 1, __ATOMIC_RELAXED);
	result = create_thread(&request);
	if (result >= 0)
		return 0;
	__atomic_sub_fetch(&live_threads, 1, __ATOMIC_RELAXED);
	return result == -ENOMEM ? EAGAIN : -result;
}

int pthread_create(pthread_t *result, const pthread_attr_t *attributes, void *(*start)(void *),
		   void *argument)
{
	struct __castle_thread *thread = allocate_block();
	uint32_t stack;
	int error;

	if (!thread)
		return EAGAIN;
	thread->start = start;
	thread->argument = argument;
	if (attributes && attributes->detachstate == PTHREAD_CREATE_DETACHED)
		thread->fate = THREAD_DETACHED;
	error = choose_stack(attributes, thread, &stack);
	if (!error) {
		*result = thread;
		error = start_thread(thread, stack);
	}
	if (error)
		release_block(thread);
	return error;
}

static void run_cleanup_handlers(struct __castle_thread *self)
{
	struct _pthread_cleanup_context *context;

	while ((context = self->cleanup)) {
		self->cleanup = context->_previous;
		context->_routine(context->_arg);
	}
}

/* Frees what newlib allocated for the thread, except the first: its data belong to the process. */
static void release_reent(struct __castle_thread *self)
{
	if (self->reent == &self->own_reent)
		_reclaim_reent(self->reent);
}

/* The process ends with its last thread. */
void pthread_exit(void *result)
{
	struct __castle_thread *self = thread_self();
	uint32_t joinable = THREAD_JOINABLE;

	self->cancel_state = PTHREAD_CANCEL_DISABLE;
	if (self->bootstrap)
		bootstrap_return(self->bootstrap);
	run_cleanup_handlers(self);
	if (thread_run_key_destructors)
		thread_run_key_destructors();
	if (robust_thread_ends)
		robust_thread_ends();
	if (!__atomic_sub_fetch(&live_threads, 1, __ATOMIC_ACQ_REL))
		exit(0);
	release_reent(self);
	heap_thread_ends();
	self->result = result;
	/* A detached one stays so: who joins it late is told. */
	if (!__atomic_compare_exchange_n(&self->fate, &joinable, THREAD_ENDING, false,
					 __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		push_block(&detached_blocks, self);
	for (;;)
		castle_call1(CASTLE_CALL_thread_exit, address(&self->running));
}

int pthread_join(pthread_t thread, void **result)
{
	if (thread == thread_self())
		return EDEADLK;
	if (__atomic_load_n(&thread->fate, __ATOMIC_ACQUIRE) == THREAD_DETACHED)
		return EINVAL;
	cancel_point_begin();
	while (__atomic_load_n(&thread->running, __ATOMIC_ACQUIRE))
		futex_wait(&thread->running, 1);
	cancel_point_end();
	if (result)
		*result = thread->result;
	release_block(thread);
	return 0;
}

int pthread_detach(pthread_t thread)
{
	switch (__atomic_exchange_n(&thread->fate, THREAD_DETACHED, __ATOMIC_ACQ_REL)) {
	case THREAD_DETACHED:
		return EINVAL;
	case THREAD_ENDING:
		if (thread->memory)
			push_block(&detached_blocks, thread);
	}
	return 0;
}

pthread_t pthread_self(void)
{
	know_oneself();
	return thread_self();
}

int pthread_equal(pthread_t one, pthread_t other)
{
	return one == other;
}

void _pthread_cleanup_push(struct _pthread_cleanup_context *context, void (*routine)(void *),
			   void *argument)
{
	struct __castle_thread *self = thread_self();

	context->_routine = routine;
	context->_arg = argument;
	context->_previous = self->cleanup;
	self->cleanup = context;
}

void _pthread_cleanup_pop(struct _pthread_cleanup_context *context, int execute)
{
	thread_self()->cleanup = context->_previous;
	if (execute)
		context->_routine(context->_arg);
}
