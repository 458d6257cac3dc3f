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
 * Finds room for a jump of `size` bytes that ends with the instruction `index` of `piece`, or in
 * the padding behind it, beside what `plan` has already. Returns why there is none, or null.
 */
const char *site_find_leave(const struct analysis *analysis, const struct function *piece,
			    size_t index, const struct plan *plan, uint32_t size,
			    struct site *site);

/*
 * Finds an island, room for a jump to which a short one leads from the site: in the padding behind
 * some code of the piece, or in the entry's site, which may grow for it. Returns whether there is
 * one.
 */
bool site_find_island(const struct analysis *analysis, struct plan *plan, const struct site *site,
		      uint32_t *island);

/* Whether the instruction does elsewhere what it does here, and nobody asks where it is. */
bool site_copies(const struct analysis *analysis, const struct function *piece,
		 const struct instruction *instruction);

#endif
