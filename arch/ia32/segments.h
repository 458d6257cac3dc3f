/*
 * Segment selectors and the task state segment (Intel SDM volume 3, sections 3.4 and 8.2). All
 * segments are flat; protection is by paging.
 */
#ifndef ARCH_IA32_SEGMENTS_H
#define ARCH_IA32_SEGMENTS_H

/* sysenter and sysexit want the first four in this order (SDM volume 2, SYSENTER, SYSEXIT). */
#define SEGMENT_KERNEL_CODE 0x08
#define SEGMENT_KERNEL_DATA 0x10
#define SEGMENT_USER_CODE   0x1b
#define SEGMENT_USER_DATA   0x23
#define SEGMENT_TSS         0x28
#define SEGMENT_USER_TLS    0x33
#define SEGMENT_FAULT_TSS \
	0x38 /* double faults switch to this task, and with it to a stack that works */

#ifndef __ASSEMBLER__
#include <stdint.h>

struct thread;

/*
 * Loads descriptor tables and the task register of this processor. Double faults will be taken on
 * the stack that ends at `fault_stack_end`. At boot, on each processor.
 */
void segments_init(uint32_t fault_stack_end);

/*
 * Where the processor saves user registers on the next entry: the end of this thread's frame. Both
 * for interrupts (the TSS) and for sysenter. Any context, on the processor that is meant.
 */
void segments_set_frame_end(void *frame_end);

/* Makes `base` the base of %gs in user mode. Any context, on the processor that is meant. */
void segments_set_tls(uint32_t base);

/* The registers at the time of a double fault. */
struct tss {
	uint32_t link, esp0, ss0, esp1, ss1, esp2, ss2, cr3, eip, eflags;
	uint32_t eax, ecx, edx, ebx, esp, ebp, esi, edi;
	uint32_t es, cs, ss, ds, fs, gs, ldt;
	uint16_t trap, io_map_base;
};

/*
 * sysenter loads esp with the address of frame_end, whose value the entry code then loads. A debug
 * exception between the two (a program single-stepping over sysenter) pushes onto `scratch`.
 */
struct sysenter_stack {
	uint32_t scratch[16];
	uint32_t frame_end;
};

/* Any context, on the processor that is meant. */
const struct tss *segments_main_tss(void);
#endif

#endif
