/*
 * Threads without the C library.
 */
#include "workers.h"

#include <castle/castle.h>
#include <stddef.h>

static void wait_while(uint32_t *word, uint32_t value)
{
	while (__atomic_load_n(word, __ATOMIC_ACQUIRE) == value)
		castle_call3(CASTLE_CALL_futex_wait, (uint32_t)word, value, 0);
}

static void set(uint32_t *word, uint32_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
	castle_call2(CASTLE_CALL_futex_wake, (uint32_t)word, INT32_MAX);
}

static __attribute__((noreturn, force_align_arg_pointer)) void worker_main(struct worker *worker)
{
	worker->cpu = castle_call0(CASTLE_CALL_getcpu);
	for (uint32_t turn = 1;; turn++) {
		set(&worker->done, turn);
		wait_while(&worker->wanted, turn - 1);
		if (!worker->function)
			break;
		worker->function(worker->argument);
	}
	for (;;)
		castle_call1(CASTLE_CALL_thread_exit, (uint32_t)&worker->running);
}

/* The thread finds its argument behind an empty return address. */
static uint32_t prepare_stack(struct worker *worker)
{
	uint32_t *top = (uint32_t *)(worker->stack + WORKER_STACK);

	*--top = (uint32_t)worker;
	*--top = 0;
	return (uint32_t)top;
}

bool worker_start(struct worker *worker)
{
	struct castle_thread request = { .entry = (uint32_t)worker_main };

	worker->wanted = worker->done = 0;
	worker->running = 1;
	request.stack = prepare_stack(worker);
	__asm__("mov %%gs:0, %0" : "=r"(request.tls));
	if (castle_call1(CASTLE_CALL_thread_create, (uint32_t)&request) < 0)
		return false;
	worker_wait(worker);
	return true;
}

void worker_run(struct worker *worker, void (*function)(void *), void *argument)
{
	worker->function = function;
	worker->argument = argument;
	set(&worker->wanted, worker->wanted + 1);
}

void worker_wait(struct worker *worker)
{
	wait_while(&worker->done, worker->wanted);
}

void worker_do(struct worker *worker, void (*function)(void *), void *argument)
{
	worker_run(worker, function, argument);
	worker_wait(worker);
}

void worker_end(struct worker *worker)
{
	worker_run(worker, NULL, NULL);
	wait_while(&worker->running, 1);
}
