/*
 * Calling contexts out of a trace: a tree whose nodes are functions, called by their parents.
 */
#ifndef LOPI_STACKS_H
#define LOPI_STACKS_H

#include "result.h"

struct stack {
	const char *name; /* of the root: null */
	size_t function;  /* index into the result's */
	uint64_t calls;
	uint64_t cycles; /* with callees */
	struct stack *parent, *callees, *next;
};

/* Adds up a trace. Calls that have not ended last until their thread's last event. */
struct stack *stacks_of_trace(const struct result *result, const struct result_event *events,
			      size_t count);

/* Cycles in the function itself. */
uint64_t stack_self(const struct stack *stack);

/* Gives functions their cycles, and the result its callers, as the tree has them. */
void stacks_add_up(struct result *result, const struct stack *root);

#endif
