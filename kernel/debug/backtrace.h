/*
 * Backtraces of the kernel, by frame pointers.
 *
 * Contract of all functions here: Any context.
 */
#ifndef KERNEL_DEBUG_BACKTRACE_H
#define KERNEL_DEBUG_BACKTRACE_H

#include <stdint.h>

/* Prints the callers from this frame pointer (ebp) up, as far as it stays on the kernel stack. */
void backtrace_print(uint32_t frame_pointer);

/* Prints one address with its symbol. */
void backtrace_print_address(uint32_t address);

#endif
