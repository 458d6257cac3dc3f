/*
 * What a partition's kernel finds when it starts: a Multiboot2 boot information, as if a boot
 * loader had left it.
 */
#ifndef KERNEL_PARTITION_INFORMATION_H
#define KERNEL_PARTITION_INFORMATION_H

#include <stdint.h>
#include "kernel/partition/load.h"

/*
 * Writes the information to image->end: `command_line`, the machine's boot modules, the partition's
 * memory from `start` to `end` as all that there is, and its kernel's symbols. Returns its address.
 * Any context, on the partition's processor, without paging.
 */
uint32_t partition_information(const struct partition_image *image, const char *command_line,
			       uint32_t start, uint32_t end);

#endif
