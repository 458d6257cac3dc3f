/*
 * The partition that this kernel is in. The monitor writes these before the kernel's first
 * instruction.
 */
#ifndef KERNEL_PARTITION_INSIDE_HERE_H
#define KERNEL_PARTITION_INSIDE_HERE_H

#include "kernel/partition/area.h"

/*
 * Interrupts from other partitions: on the coprocessor's line, which is free since errors of the
 * floating-point unit are exceptions (CR0.NE), and on the mouse's.
 */
#define PARTITION_LINE_MESSAGE 13
#define PARTITION_LINE_FRAME   12

/* What all partitions share. */
extern struct partition_area *partition_area;

/* This one's number, from 1. */
extern uint32_t partition_number;

/* The monitor's mode=, which is this kernel's, too. */
extern char partition_mode_name[PARTITION_MODE_NAME_SIZE];

/*
 * Ends the partition's kernel, with a status: the monitor goes on. Others of its processors are
 * stopped. Any context.
 */
__attribute__((noreturn)) void partition_leave(uint32_t status);

/* This one. Any context. */
static inline struct partition *partition_here(void)
{
	return &partition_area->partitions[partition_number];
}

/* Whether this partition has the machine's own console: keyboard, serial input, screen. Any
 * context. */
static inline bool partition_is_first(void)
{
	return partition_number == 1;
}

#endif
