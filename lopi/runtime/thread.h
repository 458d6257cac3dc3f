/*
 * What the runtime keeps for each thread, and what a system must offer it: memory, threads, files.
 */
#ifndef LOPI_RUNTIME_THREAD_H
#define LOPI_RUNTIME_THREAD_H

#include "lopi.h"

#include <stddef.h>

#ifndef LOPI_KERNEL
#include <pthread.h>
#endif

/* One for each pair of functions that called each other. */
struct lopi_arc {
	uint64_t pair; /* caller and callee, records as distances from the thread pointer; caller 0:
			  a function that is not instrumented */
	uint64_t calls, cycles;
};

/* A table of them: open addressing, and a size that is a power of two. */
struct lopi_arcs {
	struct lopi_arcs *next; /* used when this one is full */
	uint32_t size, used;
	struct lopi_arc table[];
};

struct lopi_event {
	uint64_t time;
	uint32_t
		record; /* distance from the thread pointer; its lowest bit: the function is left */
	uint32_t thread;
};

struct lopi_thread {
	struct lopi_thread *next;
	char *pointer; /* the thread pointer, which records are counted from */
	uint32_t number;
	struct lopi_activation *activations; /* a stack */
	uint32_t depth, room;
	uint32_t switches; /* when the thread last looked at lopi_switches */
	uint32_t lost;     /* returns that belonged to no call */
	struct lopi_arcs *arcs;
	struct lopi_arcs *marks;   /* places to jump to: see lopi_on_setjmp() */
	struct lopi_trace *traces; /* buffers of events */
	struct lopi_trace *trace;  /* the one that is being filled */
};

#ifdef __i386__
#define LOPI_THREAD_POINTER "movl %%gs:0, %0"
#else
#define LOPI_THREAD_POINTER "movq %%fs:0, %0"
#endif

extern LOPI_LOCAL struct lopi_thread lopi_thread;

extern const struct lopi_function __start_lopi_functions[]
	__attribute__((weak, visibility("hidden")));
extern const struct lopi_function __stop_lopi_functions[]
	__attribute__((weak, visibility("hidden")));

/* What a function is called that is instrumented here; empty for any other. */
static inline const char *lopi_name_of(const void *function)
{
	for (const struct lopi_function *one = __start_lopi_functions; one < __stop_lopi_functions;
	     one++) {
		if (one->start == function)
			return one->name;
	}
	return "";
}

/* Makes the thread known, once; its figures are then part of the result. */
void lopi_thread_register(void);

#ifndef LOPI_KERNEL
/* What creates a thread, and how the system's is called. */
typedef int lopi_creator(pthread_t *thread, const pthread_attr_t *attributes,
			 void *(*routine)(void *argument), void *argument);
lopi_creator *lopi_creator_of_system(void);

/* Creates a thread that is known from its start. */
int lopi_thread_create(lopi_creator *create, pthread_t *thread, const pthread_attr_t *attributes,
		       void *(*routine)(void *argument), void *argument);

/* Writes the results, as far as they have come. For signal handlers, too. */
void lopi_finish(void);

/* Makes known the functions of a shared object, which stays loaded from then on. */
LOPI_EXPORTED void lopi_module_add(struct lopi_module *module);

/* Sees to it that lopi_finish() is called when a signal ends the program. */
void lopi_expect_end(void);
#endif

/* How often functions were switched on or off since the program began: calls under way from before
 * then have ends that nobody sees. */
extern uint32_t lopi_switches;

/* Called, if it is not null, by a thread that ends. */
extern void (*lopi_thread_end)(void);

/*
 * Zeroed memory from the system, which is all the memory that the runtime uses; a block's address
 * is a multiple of its size, a power of two. Null if there is none. Only pages can be given back.
 */
void *lopi_pages_get(size_t size);
void lopi_pages_put(void *pages, size_t size);
void *lopi_block_get(size_t size);

/* Whether this process has the file of the results to itself; from then on it has, until it ends.
 */
int lopi_results_claim(const char *path);

/* In a child of fork: the claim is the parent's. */
void lopi_results_disclaim(void);

/* The sum of what threads have collected, those that have ended and those that were added. */
struct lopi_totals {
	struct lopi_record *records; /* lopi_totals_size() bytes, which the system has to find */
	struct lopi_arcs *arcs;
	uint32_t threads;
	uint64_t lost, jumps;
	int traced; /* there are events in the trace */
	uint64_t cycles,
		nanoseconds; /* how long the program ran, in both; or 0: that is not known */
};

extern struct lopi_totals lopi_totals;

size_t lopi_totals_size(void);

/* The same of a module, and adding one whose records are there. */
size_t lopi_module_size(const struct lopi_module *module);
void lopi_module_link(struct lopi_module *module);
void lopi_totals_clear(void);

/* Adds what the thread collected to the totals and clears it. */
void lopi_totals_add(struct lopi_thread *thread);

/* Prints the totals, by lopi_print(), which the system has. */
void lopi_results_print(void);
void lopi_print(const char *format, ...) __attribute__((format(printf, 1, 2)));
void lopi_print_name(const char *name); /* of any length */

/* The entry of a pair in the tables, which is all zero if it is new. */
struct lopi_arc *lopi_arcs_find(struct lopi_arcs **first, uint64_t pair);

/* Adds to the entry of a pair in the tables, of which there need not be one yet. */
void lopi_arcs_add(struct lopi_arcs **first, uint64_t pair, uint64_t calls, uint64_t cycles);

/* Writes out the thread's events. */
void lopi_trace_flush(struct lopi_thread *thread);

/* In a child of fork: the calling thread's events are the parent's. */
void lopi_trace_forget(struct lopi_thread *thread);

/* Appends to the trace, which the system has; ends the program if this cannot be done. */
void lopi_trace_write(const void *events, size_t size);

#define LOPI_PROGRAM_WRONG(text) lopi_give_up(text, sizeof(text) - 1)
void lopi_give_up(const char *text, size_t length) __attribute__((noreturn));

#endif
