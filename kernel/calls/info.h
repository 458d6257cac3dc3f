/*
 * The info() call: what the kernel tells programs about itself (castle/info.h).
 */
#ifndef KERNEL_CALLS_INFO_H
#define KERNEL_CALLS_INFO_H

#include <stdint.h>

/* The size of what there is; -EINVAL for an unknown kind, -EFAULT. Caller holds nothing. */
int32_t sys_info(uint32_t kind, uint32_t buffer, uint32_t size);

/* Cycle counter just before the first instruction in user mode. */
extern uint64_t boot_first_user_cycles;

#endif
