/*
 * The partition monitor (Sections 1.8 and 2.3.6 of the thesis): starts a kernel in each partition,
 * and again where one has died. It has no processor of its own: each partition's first one runs it
 * for its partition, before the kernel starts and after it has ended.
 */
#ifndef KERNEL_PARTITION_MONITOR_H
#define KERNEL_PARTITION_MONITOR_H

#include <stdint.h>

/* How often a partition's kernel is started, the first time included, before it stays dead. */
#define PARTITION_STARTS_MAX 8

/*
 * Finds processors and cuts the machine, `cpus` processors a partition, the rest to the last one;
 * powers off, with the reason, if it cannot. At boot.
 */
void partition_find(uint32_t cpus);

/* The boot processor's local APIC, with the 8259 behind it. At boot. */
const struct interrupt_controller *partition_controller(void);

/* Starts all partitions, that of the boot processor the last. Does not return. At boot. */
int partition_start(void);

#endif
