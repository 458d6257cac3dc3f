/*
 * Which of eax, ecx and edx a stub may use without saving them.
 */
#ifndef LOPI_LIVENESS_H
#define LOPI_LIVENESS_H

#include "function.h"

/*
 * The scratch registers, as bits, that hold nothing when the function is entered and that its
 * callers do not expect to survive it.
 */
unsigned liveness_dead_at_entry(const struct analysis *analysis, const struct function *function);

/* The same for the moment before it returns: never eax and edx, which carry results. */
unsigned liveness_dead_at_return(const struct analysis *analysis, const struct function *function);

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
