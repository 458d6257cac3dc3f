/*
 * The table of calls and their places in it, for forms of calls that take locks
 * (kernel/lock/lock.h).
 */
#ifndef KERNEL_CALLS_NUMBERS_H
#define KERNEL_CALLS_NUMBERS_H

#include <stdint.h>
#include <castle/abi.h>

extern int32_t (*const call_table[CASTLE_CALL_COUNT])(uint32_t, uint32_t, uint32_t);

enum call_number {
#define CALL(number, name) NUMBER_##name = number,
#include <castle/calls.h>
#undef CALL
};

#endif
