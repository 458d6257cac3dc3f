/*
 * Kernel object caches (Bonwick, The Slab Allocator, USENIX 1994): objects of one size, carved from
 * pages; an empty slab goes back to the page allocator, but for one that each cache keeps.
 *
 * Caller must hold the kernel (the giant lock, where there is one).
 */
#ifndef KERNEL_MEM_SLAB_H
#define KERNEL_MEM_SLAB_H

#include <stddef.h>
#include <stdint.h>
#include "kernel/lib/list.h"

struct slab_cache {
	const char *name;
	size_t object_size; /* rounded up to the alignment */
	size_t align;
	unsigned per_slab;   /* objects in a slab */
	unsigned in_use;     /* objects handed out */
	unsigned slab_count; /* pages held, empty slab included */
	struct list partial; /* slabs with both free and used objects */
	struct list full;
	void *empty;        /* the one empty slab kept, or NULL */
	struct list caches; /* in the list of all caches */
};

/* `size` at most SLAB_OBJECT_MAX; `align` a power of two, at least sizeof(void *). */
#define SLAB_OBJECT_MAX 2032
void slab_cache_init(struct slab_cache *cache, const char *name, size_t size, size_t align);

/* An object of undefined content; NULL when memory is out. */
void *slab_alloc(struct slab_cache *cache);
void *slab_alloc_zeroed(struct slab_cache *cache);
void slab_free(struct slab_cache *cache, void *object);

/*
 * Objects of any size up to SLAB_OBJECT_MAX, from caches of fixed sizes; free wants the same size.
 */
void kmem_init(void);
void *kmem_alloc(size_t size);
void kmem_free(void *object, size_t size);
size_t kmem_usable_size(size_t size); /* what kmem_alloc(size) really gives */

/*
 * Gives the empty slabs of all caches back to the page allocator; returns how many pages that was.
 */
size_t slab_reclaim(void);

/* How many pages that would be now. */
size_t slab_count_empty(void);

/* All caches, linked by struct slab_cache.caches. */
extern struct list slab_caches;

#endif
