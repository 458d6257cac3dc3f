/*
 * The registers of an interrupted thread as the entry code lays them out, and their offsets for
 * assembly. User registers are saved straight into the thread on entry (the TSS points there), so a
 * thread is complete the moment it blocks.
 */
#ifndef ARCH_IA32_FRAME_H
#define ARCH_IA32_FRAME_H

#define FRAME_EBP   8
#define FRAME_EBX   16
#define FRAME_EAX   28
#define FRAME_CS    44
#define FRAME_ESP   52
#define FRAME_SIZE  60

#ifndef __ASSEMBLER__
#include <stdint.h>

struct trap_frame {
	uint32_t edi, esi, ebp, pusha_esp, ebx, edx, ecx, eax; /* pusha's order */
	uint32_t vector;
	uint32_t error;
	uint32_t eip, cs, eflags; /* from here on: by the processor */
	uint32_t esp, ss;         /* only when it came from user mode */
};

_Static_assert(sizeof(struct trap_frame) == FRAME_SIZE, "entry code relies on the layout");
_Static_assert(__builtin_offsetof(struct trap_frame, ebp) == FRAME_EBP, "");
_Static_assert(__builtin_offsetof(struct trap_frame, ebx) == FRAME_EBX, "");
_Static_assert(__builtin_offsetof(struct trap_frame, eax) == FRAME_EAX, "");
_Static_assert(__builtin_offsetof(struct trap_frame, cs) == FRAME_CS, "");
_Static_assert(__builtin_offsetof(struct trap_frame, esp) == FRAME_ESP, "");
#endif

#endif
