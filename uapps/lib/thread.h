/*
 * The block of data that each thread has, found through %gs. Thread-local variables lie right below
 * it (the IA-32 ELF layout, "variant II"), which is why its first word is its own address.
 */
#ifndef CASTLE_LIB_THREAD_H
#define CASTLE_LIB_THREAD_H

#include <pthread.h>
#include <reent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Who takes care of a thread's block when it has ended. */
enum thread_fate {
	THREAD_JOINABLE, /* the thread that joins it */
	THREAD_DETACHED, /* the thread itself */
	THREAD_ENDING,   /* joinable, and the thread has decided on that */
};

struct __castle_thread {
	struct __castle_thread *self; /* %gs:0, fixed by the ELF layout */
	struct _reent *reent; /* newlib's data: `own_reent`, or the first thread's global one */
	uint32_t running;     /* 1 until the thread has ended: the kernel clears and wakes it */
	uint32_t tid;
	uint32_t fate; /* enum thread_fate */
	void *(*start)(void *);
	void *argument;
	void *result;
	void *stack; /* that the library allocated for it, or null */
	size_t stack_size;
	struct thread_value *values; /* of the keys; allocated by the first pthread_setspecific() */
	bool restarting, interrupting; /* handlers have run that let calls go on, and that do not */
	int cancel_state, cancel_type;
	void (*cancel)(
		void); /* what pthread_cancel() wants called at the next point; null: nothing */
	uint32_t at_cancel_point; /* it is in a call that ends for that, at once */
	void *memory; /* that the block lies in, from malloc(); null: the first thread */
	struct _pthread_cleanup_context *cleanup;
	struct __castle_thread *next; /* in the list of blocks to be used again */
	struct bootstrap *bootstrap;  /* bootstrap_native.h; mostly null */
	struct heap_cache *heap;      /* heap_cache.h; null until the thread allocates */
	pthread_mutex_t *robust_held; /* the robust mutexes that the thread holds */
	struct _reent own_reent;
};

/* The calling thread's block. */
static inline struct __castle_thread *thread_self(void)
{
	struct __castle_thread *self;

	__asm__("mov %%gs:0, %0" : "=r"(self));
	return self;
}

/* From the link map: the template of thread-local variables and the space that they take. */
extern const char __tdata_start[];
extern const char __tdata_size[], __tls_size[], __tls_align[];

/* Bytes that a thread's block needs with its thread-local variables, aligned anywhere. */
static inline size_t thread_block_size(void)
{
	return (size_t)__tls_size + (size_t)__tls_align + sizeof(struct __castle_thread);
}

/*
 * Prepares a struct _reent that is all zero: its streams are the process's. Needs no stdio to be
 * linked.
 */
void thread_reent_init(struct _reent *reent);

/*
 * Lays out a block in thread_block_size() bytes at `memory`: thread-local variables with their
 * initial values, then the block, zero but for `self` and `reent`, which is the block's own.
 */
struct __castle_thread *thread_block_init(void *memory);

/* Runs the destructors of the calling thread's key values and frees the values. */
void thread_run_key_destructors(void) __attribute__((weak));

/* Tells the thread functions that the calling thread is the only one: in the child after fork(). */
void thread_is_only_one(void) __attribute__((weak));

/* Whether the process has, or has had, threads beside its first one. */
int thread_has_started_others(void) __attribute__((weak));

/*
 * Around a call that waits: what pthread_cancel() says of the thread meanwhile, or has said before,
 * ends it there. The handler of its signal looks at the mark, so nothing is lost between looking
 * and waiting.
 */
static inline void cancel_point_begin(void)
{
	struct __castle_thread *self = thread_self();
	void (*cancel)(void);

	__atomic_store_n(&self->at_cancel_point, 1, __ATOMIC_SEQ_CST);
	cancel = __atomic_load_n(&self->cancel, __ATOMIC_RELAXED);
	if (__builtin_expect(cancel != NULL, 0))
		cancel();
}

static inline void cancel_point_end(void)
{
	__atomic_store_n(&thread_self()->at_cancel_point, 0, __ATOMIC_RELAXED);
}

/*
 * Whether a call that ended with EINTR is to be made again: all handlers that the thread has run
 * since it last asked have SA_RESTART. Null where nothing can set a handler.
 */
bool signal_restarts(void) __attribute__((weak));

#endif
