/*
 * What newlib's <search.h> lacks.
 */
#include <search.h>
#include <string.h>

struct link {
	struct link *next, *previous;
};

void *lfind(const void *key, const void *table, size_t *count, size_t size,
	    int (*compare)(const void *, const void *))
{
	const char *element = table;

	for (size_t i = 0; i < *count; i++, element += size)
		if (!compare(key, element))
			return (void *)element;
	return NULL;
}

void *lsearch(const void *key, void *table, size_t *count, size_t size,
	      int (*compare)(const void *, const void *))
{
	void *found = lfind(key, table, count, size, compare);

	return found ? found : memcpy((char *)table + (*count)++ * size, key, size);
}

void insque(void *element, void *before)
{
	struct link *link = element, *previous = before;

	link->previous = previous;
	link->next = previous ? previous->next : NULL;
	if (!previous)
		return;
	if (link->next)
		link->next->previous = link;
	previous->next = link;
}

void remque(void *element)
{
	const struct link *link = element;

	if (link->next)
		link->next->previous = link->previous;
	if (link->previous)
		link->previous->next = link->next;
}
