/*
 * Instrumenting one object: planning all chosen functions, then writing their stubs, patches and
 * records.
 */
#ifndef LOPI_INSTRUMENT_H
#define LOPI_INSTRUMENT_H

#include "payload.h"

struct instrumentation {
	struct analysis *analysis;
	struct plan *plans;
	size_t plan_count;
};

/* Whether a function is to be instrumented. */
typedef bool function_filter(const struct analysis *analysis, const struct function *function,
			     void *argument);

/* Plans the functions that `wanted` says; what is refused has its reason in its plan. */
struct instrumentation *instrumentation_plan(struct object *object,
					     const struct plan_wishes *wishes,
					     function_filter *wanted, void *argument);

/* Carries out what was planned. `payload_tag` is a name that only the right runtime defines. */
void instrumentation_apply(struct instrumentation *instrumentation, const struct payload *payload,
			   const char *payload_tag, enum home home, bool switched);

#endif
