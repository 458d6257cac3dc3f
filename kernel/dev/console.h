/*
 * The console: what the kernel prints, and /dev/console, on the serial line and on the screen
 * alike.
 */
#ifndef KERNEL_DEV_CONSOLE_H
#define KERNEL_DEV_CONSOLE_H

#include <stdint.h>

/* Output works from here on; input when drivers have started. At boot. */
void console_init(void);

/*
 * Writes text; a newline becomes carriage return and newline on the serial line. Any context, not
 * at first level.
 */
void console_write(const char *text, uint32_t size);

/* How many bytes a read would get now. Caller holds nothing. */
int32_t sys_poll_console(void);

#endif
