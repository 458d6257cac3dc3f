/*
 * Dispatch of system calls (include/castle/calls.h) outside the entry code's own fast path.
 */
#ifndef KERNEL_ENTRY_CALL_TABLE_H
#define KERNEL_ENTRY_CALL_TABLE_H

#include <stdint.h>
#include "arch/ia32/frame.h"

/* Carries out the call that the registers name. Its result, or CALL_BLOCKED. */
int32_t call_dispatch(struct trap_frame *frame);

#endif
