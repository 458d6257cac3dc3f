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

#endif
