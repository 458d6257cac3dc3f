/*
 * newlib's <search.h>, and what it lacks: tables that are searched from end to end, and linked
 * queues.
 */
#ifndef CASTLE_SEARCH_H
#define CASTLE_SEARCH_H

#include_next <search.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The first element that `compare` finds equal to `key`; null without one. */
void *lfind(const void *key, const void *table, size_t *count, size_t size,
	    int (*compare)(const void *, const void *));

/* The same, but an element that is not there is added behind the last, where there must be room. */
void *lsearch(const void *key, void *table, size_t *count, size_t size,
	      int (*compare)(const void *, const void *));

/* Elements begin with a pointer to the next and one to the one before. Behind null: alone. */
void insque(void *element, void *before);
void remque(void *element);

#ifdef __cplusplus
}
#endif

#endif
