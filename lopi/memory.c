/*
 * Memory of the tool, and its way out when there is none or a file is not what it should be.
 */
#include "memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void die(enum exit_status status, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fprintf(stderr, "lopi: ");
	vfprintf(stderr, format, arguments);
	fprintf(stderr, "\n");
	va_end(arguments);
	exit(status);
}

void *memory_new(size_t count, size_t size)
{
	void *memory = calloc(count ? count : 1, size);

	if (!memory)
		die(STATUS_FAILED, "out of memory");
	return memory;
}

void *memory_resize(void *memory, size_t size)
{
	memory = realloc(memory, size);
	if (!memory && size)
		die(STATUS_FAILED, "out of memory");
	return memory;
}

/* Arrays double, at the counts that are powers of two. */
void *memory_grow(void *array, size_t count, size_t size)
{
	if (count == 0 || (count & (count - 1)) == 0)
		array = memory_resize(array, (count ? 2 * count : 1) * size);
	memset((char *)array + count * size, 0, size);
	return array;
}

char *memory_print(const char *format, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		die(STATUS_FAILED, "out of memory");
	va_end(arguments);
	return text;
}
