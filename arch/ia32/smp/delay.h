/*
 * Waiting for short times, by the system timer's counter.
 */
#ifndef ARCH_IA32_SMP_DELAY_H
#define ARCH_IA32_SMP_DELAY_H

#include <stdint.h>

/* Waits at least this long, up to some seconds. The system timer must run. Any context. */
void delay(uint32_t microseconds);

#endif
