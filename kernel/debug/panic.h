/*
 * Kernel panic: the kernel cannot go on. Prints a line that starts with PANIC, the mode, the CPU,
 * the registers and a symbolised backtrace, and powers off with status 3.
 */
#ifndef KERNEL_DEBUG_PANIC_H
#define KERNEL_DEBUG_PANIC_H

#include <stdint.h>

struct trap_frame;

#define PANIC_STATUS 3

/* Stops all processors, says why and where, and switches the machine off. Any context. */
__attribute__((noreturn, format(printf, 1, 2))) void panic(const char *format, ...);

/* The same with the registers of a trap that the kernel itself caused. Any context. */
__attribute__((noreturn, format(printf, 2, 3))) void panic_trap(const struct trap_frame *frame,
								const char *format, ...);

#endif
