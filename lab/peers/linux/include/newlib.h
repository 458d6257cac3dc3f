/*
 * Functions of newlib that the benchmarks use and glibc 2.36 has not.
 */
#ifndef PEERS_LINUX_NEWLIB_H
#define PEERS_LINUX_NEWLIB_H

#include <stdlib.h>
#include <string.h>

static inline char *utoa(unsigned value, char *text, int base)
{
	static const char digits[] = "0123456789abcdef";
	char reversed[33], *end = text;
	int count = 0;

	do {
		reversed[count++] = digits[value % base];
		value /= base;
	} while (value);
	while (count > 0)
		*end++ = reversed[--count];
	*end = '\0';
	return text;
}

static inline size_t strlcpy(char *to, const char *from, size_t size)
{
	const size_t length = strlen(from);

	if (size > 0) {
		const size_t copied = length < size ? length : size - 1;

		memcpy(to, from, copied);
		to[copied] = '\0';
	}
	return length;
}

static inline size_t strlcat(char *to, const char *from, size_t size)
{
	const size_t length = strnlen(to, size);

	return length + strlcpy(to + length, from, size - length);
}

#endif
