/*
 * The heap of a program.
 */
#ifndef KERNEL_CALLS_BREAK_H
#define KERNEL_CALLS_BREAK_H

#include <stdint.h>

int32_t sys_brk(uint32_t address);

#endif
