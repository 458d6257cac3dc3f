/*
 * Memory and strings. Block operations are the processor's string instructions: on the machines
 * that Castle is measured on they cost an instruction a double word.
 */
#include "kernel/lib/string.h"

#include <stdint.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
	void *destination = to;
	size_t words = size / 4;

	__asm__ volatile("rep movsl" : "+D"(destination), "+S"(from), "+c"(words) : : "memory");
	words = size % 4;
	__asm__ volatile("rep movsb" : "+D"(destination), "+S"(from), "+c"(words) : : "memory");
	return to;
}

void *memmove(void *to, const void *from, size_t size)
{
	char *last_to = (char *)to + size - 1;
	const char *last_from = (const char *)from + size - 1;

	if ((uintptr_t)to - (uintptr_t)from >= size)
		return memcpy(to, from, size);
	__asm__ volatile("std; rep movsb; cld"
			 : "+D"(last_to), "+S"(last_from), "+c"(size)
			 :
			 : "memory");
	return to;
}

void *memset(void *to, int byte, size_t size)
{
	const uint32_t pattern = (uint8_t)byte * 0x01010101u;
	void *destination = to;
	size_t words = size / 4;

	__asm__ volatile("rep stosl" : "+D"(destination), "+c"(words) : "a"(pattern) : "memory");
	words = size % 4;
	__asm__ volatile("rep stosb" : "+D"(destination), "+c"(words) : "a"(pattern) : "memory");
	return to;
}

int memcmp(const void *a, const void *b, size_t size)
{
	const unsigned char *x = a, *y = b;

	if (size == 0)
		return 0;
	__asm__ volatile("repe cmpsb" : "+S"(x), "+D"(y), "+c"(size) : : "memory", "cc");
	return x[-1] - y[-1];
}

size_t strlen(const char *s)
{
	size_t length = 0;

	while (s[length])
		length++;
	return length;
}

int strcmp(const char *a, const char *b)
{
	for (; *a && *a == *b; a++, b++)
		;
	return (unsigned char)*a - (unsigned char)*b;
}

int strncmp(const char *a, const char *b, size_t size)
{
	for (; size > 0; size--, a++, b++)
		if (*a != *b || !*a)
			return (unsigned char)*a - (unsigned char)*b;
	return 0;
}

char *strchr(const char *s, int c)
{
	for (; *s != (char)c; s++)
		if (!*s)
			return NULL;
	return (char *)s;
}
