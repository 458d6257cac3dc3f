/*
 * The way on behind a function's first bytes, as far as a copy of it in the stub saves jumps.
 */
#ifndef LOPI_TRACE_H
#define LOPI_TRACE_H

#include "plan.h"

enum { TRACE_LIMIT = 24 };

/* Instructions of one piece, in the order in which they run if no branch is taken. */
struct trace {
	const struct function *piece;
	size_t steps[TRACE_LIMIT]; /* by index in the piece; jumps inside it are left out */
	size_t count;
	size_t next; /* where the copy ends: the instruction that would follow */
	const struct leave_point *leave; /* which starts there, or null */
};

/* Follows the code behind the entry's site, which does not end a block. */
struct trace trace_from_entry(const struct analysis *analysis, const struct plan *plan);

/* The way out whose site starts at the place and is not in the entry's, or null. */
const struct leave_point *trace_leave_at(const struct plan *plan, const struct place *place);

#endif
