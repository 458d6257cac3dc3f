/*
 * The global descriptor table and the task state segments of a processor (Intel SDM volume 3,
 * sections 3.5, 6.14 and 8.2). Two tasks exist: the one that everything runs in, used only for its
 * stack pointer, and one that takes double faults, since those may be due to a broken stack.
 */
#include "arch/ia32/segments.h"

#include "arch/ia32/cpu.h"
#include "arch/ia32/cpulocal.h"
#include "arch/ia32/descriptor.h"
#include "arch/ia32/trap.h"
#include "kernel/lib/string.h"

#define DESCRIPTOR_COUNT 8

static CPU_LOCAL struct descriptor descriptors[DESCRIPTOR_COUNT];
static CPU_LOCAL struct tss main_tss;
static CPU_LOCAL struct tss fault_tss;

CPU_LOCAL struct sysenter_stack sysenter_stack;

static void fault_task_init(uint32_t fault_stack_end)
{
	memset(&fault_tss, 0, sizeof fault_tss);
	fault_tss.cr3 = cr3_read();
	fault_tss.eip = (uint32_t)trap_double_fault;
	fault_tss.eflags = EFLAGS_FIXED;
	fault_tss.esp = fault_stack_end;
	fault_tss.cs = SEGMENT_KERNEL_CODE;
	fault_tss.ss = SEGMENT_KERNEL_DATA;
	fault_tss.ds = fault_tss.es = SEGMENT_USER_DATA;
	fault_tss.io_map_base = sizeof fault_tss;
}

void segments_init(uint32_t fault_stack_end)
{
	fault_task_init(fault_stack_end);
	descriptors_fill(descriptors, &main_tss);
	descriptors[SEGMENT_FAULT_TSS / 8] = descriptor_tss(&fault_tss);
	descriptors_load(descriptors, sizeof descriptors);
}

void segments_set_frame_end(void *frame_end)
{
	main_tss.esp0 = (uint32_t)frame_end;
	sysenter_stack.frame_end = (uint32_t)frame_end;
}

void segments_set_tls(uint32_t base)
{
	descriptor_set_base(&descriptors[SEGMENT_USER_TLS / 8], base);
	__asm__ volatile("movw %w0, %%gs" : : "r"(SEGMENT_USER_TLS));
}

const struct tss *segments_main_tss(void)
{
	return &main_tss;
}
