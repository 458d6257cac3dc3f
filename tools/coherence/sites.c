/*
 * Instructions by line (sites.h).
 */
#include "sites.h"

#include <stdlib.h>
#include <string.h>

#define SIZE_FIRST (1u << 16)

void sites_clear(struct sites *sites)
{
	if (!sites->table) {
		sites->size = SIZE_FIRST;
		sites->table = calloc(sites->size, sizeof *sites->table);
		if (!sites->table)
			abort();
	} else {
		memset(sites->table, 0, sites->size * sizeof *sites->table);
	}
	sites->used = 0;
}

static struct site *place_of(const struct sites *sites, const struct site *wanted)
{
	uint64_t hash = wanted->line * 0x9e3779b97f4a7c15ull ^
			wanted->code * 0xc2b2ae3d27d4eb4full ^
			((uint64_t)wanted->processor << 1 | wanted->store) * 0x165667b19e3779f9ull;

	for (size_t i = hash >> 20;; i++) {
		struct site *site = &sites->table[i & (sites->size - 1)];

		if (!site->count ||
		    (site->line == wanted->line && site->code == wanted->code &&
		     site->processor == wanted->processor && site->store == wanted->store))
			return site;
	}
}

static void grow(struct sites *sites)
{
	const struct sites old = *sites;

	sites->size *= 2;
	sites->table = calloc(sites->size, sizeof *sites->table);
	if (!sites->table)
		abort();
	for (size_t i = 0; i < old.size; i++)
		if (old.table[i].count)
			*place_of(sites, &old.table[i]) = old.table[i];
	free(old.table);
}

void sites_count(struct sites *sites, uint32_t line, uint32_t code, unsigned processor, bool store)
{
	const struct site wanted = { line, code, 0, processor, store };
	struct site *site = place_of(sites, &wanted);

	if (site->count++)
		return;
	const uint32_t count = site->count;
	*site = wanted;
	site->count = count;
	if (++sites->used > sites->size / 2)
		grow(sites);
}

static int by_line(const void *left, const void *right)
{
	const struct site *a = left, *b = right;

	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	if (a->processor != b->processor)
		return a->processor < b->processor ? -1 : 1;
	if (a->count != b->count)
		return a->count > b->count ? -1 : 1;
	return a->code < b->code ? -1 : a->code > b->code ? 1 : a->store - b->store;
}

size_t sites_sort(struct sites *sites)
{
	size_t used = 0;

	for (size_t i = 0; i < sites->size; i++)
		if (sites->table[i].count)
			sites->table[used++] = sites->table[i];
	qsort(sites->table, used, sizeof *sites->table, by_line);
	return used;
}
