/*
 * The processors of a partition that has several, and the giant-lock kernel's calls about them that
 * the linker leads here (--wrap, kernel/build.mk).
 *
 * Contract of all functions here: At boot.
 */
#ifndef KERNEL_PARTITION_INSIDE_SMP_PROCESSORS_H
#define KERNEL_PARTITION_INSIDE_SMP_PROCESSORS_H

#include <stdbool.h>
#include <stdint.h>

struct processor_list;
struct trap_frame;

/* As processors_start(), when no other partition starts one. */
int partition_processors_start(void);

/* arch/ia32/smp/find.h: the partition's. */
bool __wrap_processors_list(struct processor_list *list);

/* arch/ia32/smp/delay.h: by the cycle counter, since the 8254 is the machine's. Any context. */
void __wrap_delay(uint32_t microseconds);

/* arch/ia32/smp/apic.h: what the monitor measured, in a tick. */
uint32_t __wrap_apic_timer_measure(uint32_t microseconds);

/* arch/ia32/trap.h: another processor of the partition ends it. Any context. */
void __wrap_trap_nmi(struct trap_frame *frame);
void __real_trap_nmi(struct trap_frame *frame);

#endif
