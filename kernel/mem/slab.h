/*
 * Kernel object caches (Bonwick, The Slab Allocator, USENIX 1994): objects of one size, carved from
 * pages; an empty slab goes back to the page allocator, but for one that each cache keeps.
 *
 * Each function takes the domain `slabs` itself, for its one cache; two are never held together.
 */
#ifndef KERNEL_MEM_SLAB_H
#define KERNEL_MEM_SLAB_H

#include <stddef.h>
#include <stdint.h>
#include "kernel/lib/list.h"
#include "kernel/lock/lock.h"

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
	uint32_t number;    /* its place there, from 0 */
	LOCK_MEMBER(lock);
};

#define SLAB_CACHES_MAX 32u

/* `size` at most SLAB_OBJECT_MAX; `align` a power of two, at least sizeof(void *). At boot. */
#define SLAB_OBJECT_MAX 2032
void slab_cache_init(struct slab_cache *cache, const char *name, size_t size, size_t align);

/*
 * An object, of undefined content or zeros; NULL when memory is out, even after everything that is
 * kept ready has been given back (kernel/mem/reclaim.h). Caller holds nothing (neither slabs,
 * tables nor pages).
 */
void *slab_alloc(struct slab_cache *cache);
void *slab_alloc_zeroed(struct slab_cache *cache);

/* Caller holds nothing (neither slabs nor pages); frees the object. */
void slab_free(struct slab_cache *cache, void *object);

/* The cache that an object, which is in use, is from. Any context. */
struct slab_cache *slab_cache_of(const void *object);

/* Prepares the caches of fixed sizes. At boot. */
void kmem_init(void);

/*
 * Objects of any size up to SLAB_OBJECT_MAX, from caches of fixed sizes; kmem_free() wants the same
 * size. Caller holds nothing (neither slabs, tables nor pages).
 */
void *kmem_alloc(size_t size);
void kmem_free(void *object, size_t size);

/* What kmem_alloc(size) really gives. Any context. */
size_t kmem_usable_size(size_t size);

/*
 * Gives the empty slabs of all caches back to the page allocator; returns how many pages that was.
 * Caller holds nothing (neither slabs nor pages).
 */
size_t slab_reclaim(void);

/* How many pages that would be now. Caller holds nothing. */
size_t slab_count_empty(void);

/* All caches, linked by struct slab_cache.caches. Complete once the kernel runs. */
extern struct list slab_caches;

#endif
