/*
 * The end of the machine's run.
 */
#ifndef KERNEL_DEV_POWER_H
#define KERNEL_DEV_POWER_H

#include <stdint.h>

/*
 * Switches the machine off. Under QEMU with an isa-debug-exit device at port 0xf4, a status of 1 to
 * 127 becomes the exit status 2 * status + 1; status 0 is an ordinary ACPI power-off. Any context.
 */
__attribute__((noreturn)) void power_off(uint32_t status);

/* The same, for a program. Caller holds nothing. */
int32_t sys_poweroff(uint32_t status);

#endif
