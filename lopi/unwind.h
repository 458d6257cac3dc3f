/*
 * Unwind entries (.eh_frame) of stubs, so that exceptions, cancellation and debuggers get past
 * them.
 */
#ifndef LOPI_UNWIND_H
#define LOPI_UNWIND_H

#include "code.h"

/* Writes the unwind entries of the code's frames into a section of the object. */
void unwind_write(struct code *code);

/* From here on, the register's value for the caller is on the stack, `depth` bytes below its top.
 */
void unwind_row_saved(struct code *code, unsigned number, int32_t depth);

/*
 * Starts an entry for the call of a paired stub's body: the stack is the caller's, and the return
 * address and the caller's ebx are in a shadow frame that ebx points to.
 */
void unwind_start_in_frame(struct code *code);

#endif
