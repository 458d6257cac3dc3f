/*
 * Defects of the application kernel itself: the console belongs to the boot processor, so the words
 * are handed to it.
 */
#ifndef KERNEL_APPKERN_IA32_DEFECT_H
#define KERNEL_APPKERN_IA32_DEFECT_H

#include "arch/ia32/frame.h"

/* On an application processor: reports, and halts it. Any context. */
__attribute__((noreturn)) void defect_report(const struct trap_frame *frame);

/*
 * On the boot processor, after an interrupt from another: panics if it was for a defect. First
 * level.
 */
void defect_check(void);

#endif
