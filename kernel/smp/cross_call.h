/*
 * Having a function run on other processors, in the middle of whatever they do outside the kernel:
 * in user mode, while they wait for the giant lock, or idle. The caller holds the lock and waits
 * until all have run it, so there is one such call at a time, and nothing of the kernel changes
 * meanwhile.
 */
#ifndef KERNEL_SMP_CROSS_CALL_H
#define KERNEL_SMP_CROSS_CALL_H

#include <stdint.h>

/* At boot. */
void cross_call_init(void);

/*
 * Runs `function` at first level, interrupts off, on the processors of which `targets` has a bit.
 * Caller holds remote.
 */
void cross_call(uint32_t targets, void (*function)(void));

/* The processors but this one, a bit each. Any context. */
uint32_t cross_call_others(void);

#endif
