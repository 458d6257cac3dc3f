/*
 * The heap of a program.
 */
#ifndef KERNEL_CALLS_BREAK_H
#define KERNEL_CALLS_BREAK_H

#include <stdint.h>

/*
 * Moves the break up or down, and gives it back; 0 as an address only asks. Caller holds nothing.
 */
int32_t sys_brk(uint32_t address);

#endif
