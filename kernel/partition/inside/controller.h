/*
 * The interrupt controller of a partition's kernel.
 */
#ifndef KERNEL_PARTITION_INSIDE_CONTROLLER_H
#define KERNEL_PARTITION_INSIDE_CONTROLLER_H

struct interrupt_controller;

/* The local APICs, whose registers must be mapped in the CPU-local slot. */
extern const struct interrupt_controller partition_controller;

#endif
