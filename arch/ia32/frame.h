/*
 * The registers of an interrupted thread as the entry code lays them out, and their offsets for
 * assembly. User registers are saved straight into the thread on entry (the TSS points there), so a
 * thread is complete the moment it blocks.
 */
#ifndef ARCH_IA32_FRAME_H
#define ARCH_IA32_FRAME_H

#define FRAME_EBP    8
#define FRAME_EAX    28
#define FRAME_VECTOR 32
#define FRAME_ERROR  36
#define FRAME_EIP    40
#define FRAME_CS     44
#define FRAME_EFLAGS 48
#define FRAME_ESP    52
#define FRAME_SS     56
#define FRAME_SIZE   60

/* Behind ss the processor pushes es, ds, fs and gs if it was in virtual-8086 mode. */
#define VIRTUAL_8086_SEGMENTS 16

#define EFLAGS_FIXED 0x2 /* bit 1 is always set */
#define EFLAGS_TF    0x100
#define EFLAGS_IF    0x200
#define EFLAGS_VM    0x20000
#define EFLAGS_USER  0x240dd5 /* may a program set: CF, PF, AF, ZF, SF, TF, DF, OF, AC, ID */

#ifndef __ASSEMBLER__
#include <stdint.h>

struct trap_frame {
	uint32_t edi, esi, ebp, pusha_esp, ebx, edx, ecx, eax; /* pusha's order */
	uint32_t vector, error;   /* of exceptions and interrupts; calls leave what was there */
	uint32_t eip, cs, eflags; /* from here on: by the processor */
	uint32_t esp, ss;         /* only when it came from user mode */
};

_Static_assert(sizeof(struct trap_frame) == FRAME_SIZE, "the entry code relies on the layout");
_Static_assert(__builtin_offsetof(struct trap_frame, ebp) == FRAME_EBP, "ebp");
_Static_assert(__builtin_offsetof(struct trap_frame, eax) == FRAME_EAX, "eax");
_Static_assert(__builtin_offsetof(struct trap_frame, vector) == FRAME_VECTOR, "vector");
_Static_assert(__builtin_offsetof(struct trap_frame, error) == FRAME_ERROR, "error");
_Static_assert(__builtin_offsetof(struct trap_frame, eip) == FRAME_EIP, "eip");
_Static_assert(__builtin_offsetof(struct trap_frame, cs) == FRAME_CS, "cs");
_Static_assert(__builtin_offsetof(struct trap_frame, eflags) == FRAME_EFLAGS, "eflags");
_Static_assert(__builtin_offsetof(struct trap_frame, esp) == FRAME_ESP, "esp");
_Static_assert(__builtin_offsetof(struct trap_frame, ss) == FRAME_SS, "ss");
#endif

#endif
