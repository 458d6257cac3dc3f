/*
 * What of the machine's memory a partition's kernel can see.
 */
#ifndef KERNEL_PARTITION_INSIDE_WALLS_H
#define KERNEL_PARTITION_INSIDE_WALLS_H

/*
 * Takes everything out of the global page directory that is not this partition's; what is shared
 * and constant becomes read-only. At boot, when pages can be allocated and before the first
 * container is made.
 */
void walls_build(void);

#endif
