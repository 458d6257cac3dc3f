/*
 * Kernel text that is settled at boot: instructions that do nothing, replaced where the processor or
 * the command line asks for more. So what a machine has not, or nobody asked for, takes no test.
 */
#ifndef ARCH_IA32_PATCH_H
#define ARCH_IA32_PATCH_H

#include <stdbool.h>
#include <stdint.h>

/*
 * True if the event log's `group`, a constant, is on: a 5-byte no-operation while it is off
 * (recommended by Intel SDM volume 2, NOP), and a jump to what follows `if (...)` when it is on.
 */
static inline __attribute__((always_inline)) bool patch_trace_is_on(uint32_t group)
{
	__asm__ inline goto("1:	.byte	0x0f, 0x1f, 0x44, 0x00, 0x00\n"
		     "	.pushsection .trace_patches, \"a\"\n"
		     "	.long	1b, %l[on], %c0\n"
		     "	.popsection"
		     :
		     : "i"(group)
		     :
		     : on);
	return false;
on:
	return true;
}

/* Settles all of it; once, on the boot processor, when all text can be reached. */
void patch_apply(void);

#endif
