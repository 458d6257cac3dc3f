/*
 * Printing to the console.
 */
#include "kernel/lib/print.h"

#include "kernel/dev/console.h"

#define LINE_MAX 512

void kprintf(const char *format, ...)
{
	char text[LINE_MAX];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = kvsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	console_write(text, length < LINE_MAX ? length : LINE_MAX - 1);
}
