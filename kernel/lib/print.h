/*
 * Formatted output: %s %c %d %u %x %p %%, with width, zero padding, left alignment (-) and the l
 * and ll modifiers.
 */
#ifndef KERNEL_LIB_PRINT_H
#define KERNEL_LIB_PRINT_H

#include <stdarg.h>
#include <stddef.h>

/* Prints to the console. Any context (what two processors print at once may mix). */
__attribute__((format(printf, 1, 2))) void kprintf(const char *format, ...);

/*
 * As the C library's: writes at most `size` bytes, NUL included; returns the length in full. Any
 * context.
 */
__attribute__((format(printf, 3, 4))) int ksnprintf(char *buffer, size_t size, const char *format,
						    ...);
int kvsnprintf(char *buffer, size_t size, const char *format, va_list arguments);

#endif
