/*
 * Memory of the tool: it lives until the tool ends, which is soon, and running out of it ends the
 * tool.
 */
#ifndef LOPI_MEMORY_H
#define LOPI_MEMORY_H

#include <stddef.h>

/* What the tool ends with (lopi.1). */
enum exit_status {
	STATUS_DONE = 0,
	STATUS_REFUSED = 1, /* a function that was asked for cannot be instrumented */
	STATUS_USAGE = 2,
	STATUS_FAILED = 3, /* a file cannot be read, is damaged, or cannot be written */
};

/* Zeroed memory for `count` things of `size` bytes; never null. */
void *memory_new(size_t count, size_t size);

/*
 * Makes room in `array` of things of `size` bytes, `count` of them in use, for one more, and
 * returns the array, moved or not. The new thing is zero.
 */
void *memory_grow(void *array, size_t count, size_t size);

/* As realloc does, but never null for a size that is not 0. */
void *memory_resize(void *memory, size_t size);

/* A string in memory of its own, made as printf does. */
char *memory_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Says what is wrong, as `lopi: ...`, and ends the tool. */
void die(enum exit_status status, const char *format, ...)
	__attribute__((format(printf, 2, 3), noreturn));

#endif
