/*
 * What hooks see (Section 5.3.3 of the thesis calls them do_enter_func and do_leave_func). A hooks
 * file defines both as static inline functions; lopi --hooks FILE.c compiles them into the runtime.
 * They run inside the instrumented function: no floating point, nothing that may call an
 * instrumented function, and only what a signal handler may do, for the function may be called from
 * one.
 */
#ifndef LOPI_RUNTIME_LOPI_H
#define LOPI_RUNTIME_LOPI_H

#include "record.h"

/* A call that is under way. */
struct lopi_activation {
	lopi_record *record; /* in the thread's storage */
	uintptr_t *slot; /* where its return address is on the stack: identifies the activation */
	uint64_t start;  /* for the hooks: cycle counter at entry */
	uint64_t in_callees; /* for the hooks: cycles of instrumented callees */
	uint32_t value;      /* for the hooks */
};

/*
 * The two hooks are
 *
 *	static inline void do_enter_func(lopi_record *record, struct lopi_activation
 **activation, struct lopi_activation *caller); static inline void do_leave_func(...the same...);
 *
 * The first is called when a function was entered and before any of it is executed; the second
 *before it returns, or jumps to another function for good. `caller` is the activation of the
 *instrumented function that was under way, or null.
 */

static inline uint64_t lopi_cycles(void)
{
	return __builtin_ia32_rdtsc();
}

/* Counts a call from one function to another, in the thread's own table. */
void lopi_arc_add(lopi_record *caller, lopi_record *callee, uint64_t cycles);

/* Notes an event with its time in the thread's trace; `leave` is 0 or 1. */
void lopi_trace_add(lopi_record *record, uint32_t leave, uint64_t time);

/*
 * A number that hooks may use as they like: the 4-byte value of the payload `counter`. It stands
 * for a hardware counter; the program, or a handler of its own, moves it on.
 */
extern LOPI_LOCAL volatile uint32_t lopi_counter;

#endif
