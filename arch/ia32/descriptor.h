/*
 * Descriptors of segments and gates, for whoever fills a table of them (Intel SDM volume 3,
 * sections 3.4.5, 6.11 and 8.2.2).
 *
 * Contract of all functions here: Any context, on the processor that is meant.
 */
#ifndef ARCH_IA32_DESCRIPTOR_H
#define ARCH_IA32_DESCRIPTOR_H

#include <stdint.h>
#include "arch/ia32/cpu.h"
#include "arch/ia32/segments.h"

/* Flags of a descriptor's second word (SDM volume 3, figure 3-8). */
#define DESCRIPTOR_PRESENT  0x00008000u
#define DESCRIPTOR_USER     0x00006000u
#define DESCRIPTOR_CODE     0x00001a00u /* execute, read */
#define DESCRIPTOR_DATA     0x00001200u /* read, write */
#define DESCRIPTOR_TSS      0x00000900u
#define DESCRIPTOR_32BIT_4K 0x00c00000u

struct descriptor {
	uint32_t low, high;
};

static inline struct descriptor descriptor_make(uint32_t base, uint32_t limit, uint32_t flags)
{
	return (struct descriptor){
		.low = base << 16 | (limit & 0xffff),
		.high = (base & 0xff000000) | (base >> 16 & 0xff) | (limit & 0xf0000) |
			DESCRIPTOR_PRESENT | flags,
	};
}

/* All 4 GB. */
static inline struct descriptor descriptor_flat(uint32_t flags)
{
	return descriptor_make(0, 0xfffff, DESCRIPTOR_32BIT_4K | flags);
}

static inline struct descriptor descriptor_tss(const struct tss *tss)
{
	return descriptor_make((uint32_t)tss, sizeof *tss - 1, DESCRIPTOR_TSS);
}

/* Moves a flat segment. */
static inline void descriptor_set_base(struct descriptor *descriptor, uint32_t base)
{
	descriptor->low = base << 16 | 0xffff;
	descriptor->high =
		(descriptor->high & 0x00ffff00) | (base & 0xff000000) | (base >> 16 & 0xff);
}

/*
 * The segments of arch/ia32/segments.h that everything runs in, up to SEGMENT_USER_TLS, and what of
 * the task state is the same for all threads. Any context: of a processor that does not use them yet.
 */
static inline void descriptors_fill(struct descriptor *table, struct tss *tss)
{
	tss->ss0 = SEGMENT_KERNEL_DATA;
	tss->io_map_base = sizeof *tss; /* beyond the limit: no port is open to programs */
	table[SEGMENT_KERNEL_CODE / 8] = descriptor_flat(DESCRIPTOR_CODE);
	table[SEGMENT_KERNEL_DATA / 8] = descriptor_flat(DESCRIPTOR_DATA);
	table[SEGMENT_USER_CODE / 8] = descriptor_flat(DESCRIPTOR_CODE | DESCRIPTOR_USER);
	table[SEGMENT_USER_DATA / 8] = descriptor_flat(DESCRIPTOR_DATA | DESCRIPTOR_USER);
	table[SEGMENT_TSS / 8] = descriptor_tss(tss);
	table[SEGMENT_USER_TLS / 8] = descriptor_flat(DESCRIPTOR_DATA | DESCRIPTOR_USER);
}

struct table_pointer {
	uint16_t limit;
	uint32_t base;
} __attribute__((packed));

/*
 * Loads a table that has the segments of arch/ia32/segments.h up to SEGMENT_TSS, and with it the
 * segment registers and the task register.
 */
static inline void descriptors_load(const struct descriptor *table, uint32_t size)
{
	const struct table_pointer pointer = { size - 1, (uint32_t)table };

	__asm__ volatile("lgdt %0\n\t"
			 "ljmp %1, $1f\n"
			 "1:\tmovw %w2, %%ss\n\t"
			 "movw %w3, %%ds\n\t"
			 "movw %w3, %%es\n\t"
			 "movw %w3, %%fs\n\t"
			 "movw %w3, %%gs\n\t"
			 "ltr %w4"
			 :
			 : "m"(pointer), "i"(SEGMENT_KERNEL_CODE), "r"(SEGMENT_KERNEL_DATA),
			   "r"(SEGMENT_USER_DATA), "r"(SEGMENT_TSS)
			 : "memory");
}

/* Gate types with the present bit (SDM volume 3, figure 6-2). */
#define GATE_INTERRUPT 0x8e00u
#define GATE_TASK      0x8500u
#define GATE_USER      0x6000u /* a program may use it with `int` */

struct gate {
	uint32_t low, high;
};

/* A gate to `handler` in the kernel's code segment. */
static inline struct gate gate_make(uint32_t handler, uint32_t flags)
{
	return (struct gate){
		.low = SEGMENT_KERNEL_CODE << 16 | (handler & 0xffff),
		.high = (handler & 0xffff0000) | flags,
	};
}

/* Loads an interrupt descriptor table. */
static inline void gates_load(const struct gate *table, uint32_t size)
{
	const struct table_pointer pointer = { size - 1, (uint32_t)table };

	__asm__ volatile("lidt %0" : : "m"(pointer));
}

/* Where sysenter leads, and with which stack pointer. */
static inline void sysenter_enable(uint32_t stack, uint32_t entry)
{
	msr_write(MSR_SYSENTER_CS, SEGMENT_KERNEL_CODE);
	msr_write(MSR_SYSENTER_ESP, stack);
	msr_write(MSR_SYSENTER_EIP, entry);
}

#endif
