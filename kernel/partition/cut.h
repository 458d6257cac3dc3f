/*
 * Cutting the machine's memory into partitions.
 */
#ifndef KERNEL_PARTITION_CUT_H
#define KERNEL_PARTITION_CUT_H

#include <stdint.h>
#include "kernel/partition/area.h"

/*
 * Gives each of at most `count` partitions an equal piece of memory, and leaves the rest to this
 * kernel, but for what the network between them takes, if there is enough. Returns for how many it
 * suffices. At boot, before the memory map is used.
 */
uint32_t partition_cut(struct partition_area *area, uint32_t count);

#endif
