/*
 * Unwind entries (.eh_frame) of stubs, so that exceptions, cancellation and debuggers get past them.
 */
#ifndef LOPI_UNWIND_H
#define LOPI_UNWIND_H

#include "code.h"

/* Writes the unwind entries of the code's frames into a section of the object. */
void unwind_write(struct code *code);

/* From here on, the register's value for the caller is on the stack, `depth` bytes below its top. */
void unwind_row_saved(struct code *code, unsigned number, int32_t depth);

/*
 * From here on the stack is the caller's, and the return address and the caller's ebx are in the frame
 * that ebx points to, at the offsets given.
 */
void unwind_row_in_frame(struct code *code, uint8_t return_offset, uint8_t ebx_offset);

#endif
