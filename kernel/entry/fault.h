/*
 * What becomes of a thread that does what it may not: a page fault goes to its container, and
 * anything that nobody can mend ends in a signal. How the processor reports it is
 * arch/ia32/trap.c's business.
 */
#ifndef KERNEL_ENTRY_FAULT_H
#define KERNEL_ENTRY_FAULT_H

#include <stdbool.h>
#include <stdint.h>
#include "kernel/mem/container.h"

/* The current thread faulted in user mode. Caller holds nothing. */
void fault_on_page(const struct fault *fault);

/*
 * The current thread caused exception `vector`, called `name`, in user mode, at this instruction.
 * Caller holds nothing.
 */
void fault_by_exception(uint32_t vector, const char *name, uint32_t instruction);

/*
 * The kernel itself faulted. True if it did so on memory of the current thread's program, which now
 * is there: the access can be tried again. At a program's address the kernel holds what a copy
 * needs. Any context.
 */
bool fault_in_kernel(const struct fault *fault);

#endif
