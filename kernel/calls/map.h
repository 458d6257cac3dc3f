/*
 * Memory that processes share. Contract of all functions here: caller holds nothing.
 */
#ifndef KERNEL_CALLS_MAP_H
#define KERNEL_CALLS_MAP_H

#include <stdint.h>
#include "kernel/mem/user_copy.h"

int32_t sys_map(user_addr_t map);

#endif
