/*
 * Messages between partitions.
 */
#ifndef KERNEL_PARTITION_INSIDE_MESSAGES_H
#define KERNEL_PARTITION_INSIDE_MESSAGES_H

/*
 * Other partitions interrupt this one on the coprocessor's line, which is free since errors of the
 * floating-point unit are exceptions (CR0.NE).
 */
#define PARTITION_LINE_MESSAGE 13

#endif
