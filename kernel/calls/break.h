/*
 * The heap of a program. Contract of all functions here: caller holds nothing.
 */
#ifndef KERNEL_CALLS_BREAK_H
#define KERNEL_CALLS_BREAK_H

#include <stdint.h>

int32_t sys_brk(uint32_t address);

#endif
