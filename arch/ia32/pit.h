/*
 * The system timer of a PC.
 */
#ifndef ARCH_IA32_PIT_H
#define ARCH_IA32_PIT_H

#include <stdint.h>

#define PIT_CHANNEL_0 0x40
#define PIT_MODE      0x43
#define PIT_HZ        1193182u

/* What the counter counts down from for `hz` interrupts a second. */
#define PIT_DIVISOR(hz) ((PIT_HZ + (hz) / 2) / (hz))

/* Calls `handler`, at first level, `hz` times a second (at least 19). At boot. */
void pit_start(uint32_t hz, void (*handler)(void));

/*
 * What the counter has come to; where there is no 8254, more than it is ever set to. Any context.
 */
uint32_t pit_read(void);

#endif
