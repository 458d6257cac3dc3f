/*
 * The stubs of a function, and the patches that lead to them. A function's code is copied before
 * any of it is overwritten.
 */
#ifndef LOPI_STUB_H
#define LOPI_STUB_H

#include "payload.h"

/* Each returns the offset, in the code, of the function's stub. */
uint32_t stub_static(struct code *code, const struct analysis *analysis, const struct plan *plan,
		     const struct payload *payload, const struct record *record);

uint32_t stub_paired(struct code *code, const struct analysis *analysis, const struct plan *plan,
		     const struct payload *payload, const struct record *record);

uint32_t stub_thesis(struct code *code, const struct analysis *analysis, const struct plan *plan,
		     const struct payload *payload, const struct record *record);

/* Copies the instructions of the entry's site, and goes on behind it if they do not end otherwise.
 */
void stub_move_entry(struct code *code, const struct plan *plan);

/* --- patches --- */

/* Overwrites the site with a jump to `offset` in the code. */
void patch_jump(struct code *code, const struct site *site, uint32_t offset);

/* Overwrites the site with a short jump to the island, and that with a jump to `offset`. */
void patch_near_jump(struct code *code, const struct site *site, uint32_t island, uint32_t offset);

/*
 * Overwrites the site with a call of `offset` in the code, and a comparison with the
 * identifier, of `width` bytes, which does nothing.
 */
void patch_call(struct code *code, const struct site *site, uint32_t offset, uint32_t identifier,
		unsigned width);

/* Makes the site's jump or branch, which has 32 bits, lead to `offset` in the code. */
void patch_target(struct code *code, const struct site *site, uint32_t offset);

#endif
