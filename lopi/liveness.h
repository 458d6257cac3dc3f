/*
 * Which of eax, ecx and edx a stub may use without saving them.
 */
#ifndef LOPI_LIVENESS_H
#define LOPI_LIVENESS_H

#include "payload.h"

/*
 * A register that a payload may use as a function is entered, or NO_REGISTER: a scratch register
 * that holds nothing then, and that callers do not expect to survive, or one that the function has
 * pushed before. `*at` is how many of the `count` instructions from `first` on, which are such
 * pushes, come before the payload.
 */
int liveness_find_scratch(const struct analysis *analysis, const struct function *function,
			  size_t first, size_t count, size_t *at);

/* The scratch registers, as bits, that hold nothing before the function returns, as callers have
 * it: never eax and edx, which carry results. */
unsigned liveness_dead_at_return(const struct analysis *analysis, const struct function *function);

/* The same before the jump that calls another function last, which has its arguments in registers.
 */
unsigned liveness_dead_at_tail_call(const struct analysis *analysis,
				    const struct function *function,
				    const struct instruction *jump);

/*
 * Whether the function has the register in common with its callers, which compilers do if they are
 * told to: it uses it, and has not saved it before.
 */
bool liveness_is_shared(const struct function *function, unsigned number);

/* Whether the register's value at entry may be used, other than to be kept for the caller. */
bool liveness_receives(const struct function *function, unsigned number);

/*
 * Whether it is seen that the register is the caller's again when the function returns: it is not
 * used, or pushed first and popped last.
 */
bool liveness_keeps(const struct function *function, unsigned number);

#endif
