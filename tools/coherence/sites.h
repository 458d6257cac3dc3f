/*
 * Which instructions touched a line in this window: a hash table of counts.
 */
#ifndef TOOLS_COHERENCE_SITES_H
#define TOOLS_COHERENCE_SITES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct site {
	uint32_t line;  /* its number */
	uint32_t code;  /* the instruction's address */
	uint32_t count; /* 0: the place is free */
	uint8_t processor;
	uint8_t store;
};

struct sites {
	struct site *table;
	size_t size, used; /* a power of two; at most half of it */
};

void sites_clear(struct sites *sites);
void sites_count(struct sites *sites, uint32_t line, uint32_t code, unsigned processor, bool store);

/* In the order of their lines; the table is a list then, good only for sites_clear(). */
size_t sites_sort(struct sites *sites);

#endif
