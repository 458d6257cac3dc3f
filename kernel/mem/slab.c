/*
 * Slabs: a page each, its header at the start, free objects linked through their first words. An
 * object's slab is found by rounding its address down.
 */
#include "kernel/mem/slab.h"

#include <stdbool.h>
#include "kernel/debug/fail.h"
#include "kernel/lib/assert.h"
#include "kernel/lib/string.h"
#include "kernel/lock/domain.h"
#include "kernel/mem/page.h"
#include "kernel/mem/reclaim.h"

#ifdef CASTLE_SMP
#include "kernel/smp/magazines.h"
#endif

struct free_object {
	struct free_object *next;
};

struct slab {
	struct list slabs; /* in the cache's list of partial or full ones */
	struct free_object *free;
	unsigned in_use;
	struct slab_cache *cache;
};

struct list slab_caches SET_AT_BOOT = LIST_INITIALISER(slab_caches);
static uint32_t cache_count SET_AT_BOOT;

static size_t round_up(size_t size, size_t align)
{
	return (size + align - 1) & ~(align - 1);
}

void slab_cache_init(struct slab_cache *cache, const char *name, size_t size, size_t align)
{
	const size_t first = round_up(sizeof(struct slab), align);

	assert(size <= SLAB_OBJECT_MAX && align >= sizeof(void *) && (align & (align - 1)) == 0);
	*cache = (struct slab_cache){
		.name = name,
		.object_size = round_up(size, align),
		.align = align,
	};
	cache->per_slab = (PAGE_SIZE - first) / cache->object_size;
	list_init(&cache->partial);
	list_init(&cache->full);
	cache->number = cache_count++;
	assert(cache_count <= SLAB_CACHES_MAX);
	list_append(&slab_caches, &cache->caches);
}

static struct slab *slab_create(struct slab_cache *cache)
{
	struct slab *slab = page_take();
	char *object;

	if (!slab)
		return NULL;
	slab->free = NULL;
	slab->in_use = 0;
	slab->cache = cache;
	/*
	 * From the last to the first, so that they are handed out in the order of their addresses.
	 */
	object = (char *)slab + round_up(sizeof *slab, cache->align) +
		 cache->per_slab * cache->object_size;
	for (unsigned i = 0; i < cache->per_slab; i++) {
		object -= cache->object_size;
		((struct free_object *)object)->next = slab->free;
		slab->free = (struct free_object *)object;
	}
	cache->slab_count++;
	return slab;
}

/* Makes the list of partial slabs not empty; false when memory is out. */
static bool slab_provide(struct slab_cache *cache)
{
	struct slab *slab = cache->empty;

	if (slab)
		cache->empty = NULL;
	else
		slab = slab_create(cache);
	if (!slab)
		return false;
	list_prepend(&cache->partial, &slab->slabs);
	return true;
}

static inline void *object_take(struct slab_cache *cache)
{
	struct free_object *object;
	struct slab *slab;

	assert_held(slabs);
	if (list_empty(&cache->partial) && !slab_provide(cache))
		return NULL;
	slab = list_entry(cache->partial.next, struct slab, slabs);
	object = slab->free;
	slab->free = object->next;
	slab->in_use++;
	cache->in_use++;
	if (!slab->free) {
		list_remove(&slab->slabs);
		list_prepend(&cache->full, &slab->slabs);
	}
	return object;
}

/* What other caches keep may be a page for this one. */
__attribute__((cold, noinline)) static void *object_take_after_reclaim(struct slab_cache *cache)
{
	void *object = NULL;

	while (!object && memory_reclaim() > 0)
		object = object_take(cache);
	return object;
}

LOCK_REPLACED void *slab_alloc(struct slab_cache *cache)
{
	void *object;

	if (fail_allocation())
		return NULL;
	object = object_take(cache);
	return object ? object : object_take_after_reclaim(cache);
}

void *slab_alloc_zeroed(struct slab_cache *cache)
{
	void *object = slab_alloc(cache);

	if (object)
		memset(object, 0, cache->object_size);
	return object;
}

/* Keeps one empty slab, so that a cache at the edge does not fetch and return a page each time. */
static void slab_retire(struct slab_cache *cache, struct slab *slab)
{
	list_remove(&slab->slabs);
	if (!cache->empty) {
		cache->empty = slab;
		return;
	}
	cache->slab_count--;
	page_free(slab);
}

static inline struct slab *slab_of(const void *object)
{
	return (struct slab *)((uintptr_t)object & ~(uintptr_t)(PAGE_SIZE - 1));
}

struct slab_cache *slab_cache_of(const void *object)
{
	return slab_of(object)->cache;
}

static inline void object_give(struct slab_cache *cache, void *object)
{
	struct slab *slab = slab_of(object);
	struct free_object *freed = object;

	assert(slab->cache == cache && slab->in_use > 0);
	if (!slab->free) {
		list_remove(&slab->slabs);
		list_prepend(&cache->partial, &slab->slabs);
	}
	freed->next = slab->free;
	slab->free = freed;
	cache->in_use--;
	if (--slab->in_use == 0)
		slab_retire(cache, slab);
}

LOCK_REPLACED void slab_free(struct slab_cache *cache, void *object)
{
	object_give(cache, object);
}

#ifdef CASTLE_SMP
void *slab_object_take(struct slab_cache *cache)
{
	assert_held(slabs);
	return object_take(cache);
}

void slab_object_give(struct slab_cache *cache, void *object)
{
	assert_held(slabs);
	object_give(cache, object);
}
#else
static void magazines_empty(void)
{
}
#endif

size_t slab_count_empty(void)
{
	struct list *node;
	size_t pages = 0;

	list_for_each (node, &slab_caches)
		pages += list_entry(node, struct slab_cache, caches)->empty != NULL;
	return pages;
}

size_t slab_reclaim(void)
{
	struct list *node;
	size_t pages = 0;

	magazines_empty();
	list_for_each (node, &slab_caches) {
		struct slab_cache *cache = list_entry(node, struct slab_cache, caches);
		lock_acquire(slabs, &cache->lock);
		if (cache->empty) {
			page_free(cache->empty);
			cache->empty = NULL;
			cache->slab_count--;
			pages++;
		}
		lock_release(slabs, &cache->lock);
	}
	return pages;
}

#ifdef CASTLE_SMP
static void *object_take_locked(struct slab_cache *cache)
{
	return lock_around(slabs, &cache->lock, object_take(cache));
}

static void *slab_alloc_locked(struct slab_cache *cache)
{
	return fail_allocation() ? NULL : memory_insist(object_take_locked(cache));
}

static void slab_free_locked(struct slab_cache *cache, void *object)
{
	lock_take(&cache->lock, LOCK_DOMAIN_slabs);
	object_give(cache, object);
	lock_give(&cache->lock, LOCK_DOMAIN_slabs);
}

LOCK_FUNCTION_UNLESS(slab_alloc, slab_alloc_locked, slabs, objects);
LOCK_FUNCTION_UNLESS(slab_free, slab_free_locked, slabs, objects);
#endif
