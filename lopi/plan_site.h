/*
 * Choosing the bytes of a patch: which instructions make room for it, and why some cannot.
 */
#ifndef LOPI_PLAN_SITE_H
#define LOPI_PLAN_SITE_H

#include "plan.h"

/*
 * Finds `size` bytes from the first instruction on (behind an endbr32). Returns why there are none,
 * or null.
 */
const char *site_find_entry(const struct analysis *analysis, const struct function *function,
			    uint32_t size, struct site *site);

/*
 * Finds room for a jump that ends with the instruction `index` of `piece`, or in the padding behind
 * it, beside what `plan` has already. Returns why there is none, or null.
 */
const char *site_find_leave(const struct analysis *analysis, const struct function *piece,
			    size_t index, const struct plan *plan, struct site *site);

#endif
