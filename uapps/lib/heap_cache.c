/*
 * What the heap's caches do when a list is empty or full: with the depot, newlib's heap, the
 * beginning and the end of threads, and fork.
 *
 * A list may have two chains of blocks. When it has more, one chain goes to the depot; when it is
 * empty, it gets one from there. So a thread that allocates and frees without end takes the depot's
 * lock at most once for each chain of blocks, whatever it does.
 */
#include "heap_cache.h"

#include <malloc.h>
#include <reent.h>
#include <stdbool.h>
#include <stdlib.h>
#include "futex_lock.h"

/* A chain is of so many bytes, but of so many blocks at most. */
#define CHAIN_BYTES  2048u
#define CHAIN_BLOCKS 32u

/* Looks at the depot's lock before sleeping: it is held for some dozen instructions. */
#define LOOKS 50

/* The depot is not worth emptying below this. */
#define RELEASE_LEAST 65536u

void __malloc_lock(struct _reent *reent);
void __malloc_unlock(struct _reent *reent);

static uint32_t depot_lock;
static struct heap_block *depot[HEAP_CLASSES]; /* chains, linked by next_chain */
static size_t depot_bytes;
static size_t released_at; /* heap_grown when the depot was last emptied */

static struct heap_cache *caches; /* all of them; the depot's lock protects the list */
static uint32_t cache_count;

static void depot_acquire(void)
{
	for (int looks = 0; looks < LOOKS; looks++) {
		if (futex_trylock(&depot_lock))
			return;
		__builtin_ia32_pause();
	}
	futex_lock(&depot_lock);
}

static void depot_release(void)
{
	futex_unlock(&depot_lock);
}

size_t heap_class_size(uint32_t class)
{
	const uint32_t coarse = class - HEAP_FINE_CLASSES;

	if (class < HEAP_FINE_CLASSES)
		return class * 8 - HEAP_CHUNK_HEADER;
	return (HEAP_COARSE_LEAST + (coarse % 4 + 1) * HEAP_COARSE_LEAST / 4) << coarse / 4;
}

static uint32_t chain_length(uint32_t class)
{
	const uint32_t blocks = CHAIN_BYTES / heap_class_size(class);

	return blocks > CHAIN_BLOCKS ? CHAIN_BLOCKS : blocks > 0 ? blocks : 1;
}

static struct heap_block *depot_take(uint32_t class)
{
	struct heap_block *chain;

	if (!__atomic_load_n(&depot[class], __ATOMIC_RELAXED))
		return NULL;
	depot_acquire();
	chain = depot[class];
	if (chain) {
		depot[class] = chain->next_chain;
		depot_bytes -= chain_length(class) * heap_class_size(class);
	}
	depot_release();
	return chain;
}

static void depot_put(uint32_t class, struct heap_block *chain)
{
	depot_acquire();
	chain->next_chain = depot[class];
	depot[class] = chain;
	depot_bytes += chain_length(class) * heap_class_size(class);
	depot_release();
}

static void free_chain(struct heap_block *block)
{
	while (block) {
		struct heap_block *next = block->next;
		_free_r(_REENT, block);
		block = next;
	}
}

static void free_chains(struct heap_block *chain)
{
	while (chain) {
		struct heap_block *next = chain->next_chain;
		free_chain(chain);
		chain = next;
	}
}

static void depot_empty(void)
{
	struct heap_block *chains[HEAP_CLASSES];

	depot_acquire();
	for (uint32_t class = 0; class < HEAP_CLASSES; class ++) {
		chains[class] = depot[class];
		depot[class] = NULL;
	}
	depot_bytes = 0;
	released_at = heap_grown;
	depot_release();
	for (uint32_t class = 0; class < HEAP_CLASSES; class ++)
		free_chains(chains[class]);
}

static void cache_clear(struct heap_cache *cache)
{
	for (uint32_t class = 0; class < HEAP_CLASSES; class ++)
		cache->lists[class] =
			(struct heap_list){ NULL, class < 2 ? 0 : 2 * chain_length(class) };
}

void heap_release_all(void)
{
	struct heap_cache *cache = thread_self()->heap;

	if (cache) {
		for (uint32_t class = 0; class < HEAP_CLASSES; class ++)
			free_chain(cache->lists[class].first);
		cache_clear(cache);
	}
	depot_empty();
}

/*
 * The heap has grown although the depot holds a good part of it, in blocks that are of no use to
 * whoever needs memory now: then newlib shall make larger ones of them. That costs as much as if
 * they had been given to it at once, so it must not happen more often than that the heap grows by a
 * part.
 */
static bool depot_is_too_large(void)
{
	return depot_bytes > RELEASE_LEAST && depot_bytes > heap_grown / 8 &&
	       heap_grown - released_at > heap_grown / 8;
}

void *heap_allocate(size_t size)
{
	const size_t before = heap_grown;
	void *block = _malloc_r(_REENT, size);

	if (!block) {
		heap_release_all();
		return _malloc_r(_REENT, size);
	}
	if (heap_grown != before && depot_is_too_large())
		depot_empty();
	return block;
}

/* Several blocks of the class, for a thread that is not the only one to want newlib's lock. */
static struct heap_block *allocate_chain(uint32_t class, uint32_t count)
{
	struct heap_block *chain = NULL;

	__malloc_lock(_REENT);
	for (uint32_t i = 0; i < count; i++) {
		struct heap_block *block = _malloc_r(_REENT, heap_class_size(class));
		if (!block)
			break;
		block->next = chain;
		chain = block;
	}
	__malloc_unlock(_REENT);
	return chain;
}

void *heap_cache_refill(struct heap_cache *cache, uint32_t class)
{
	struct heap_list *list = &cache->lists[class];
	const uint32_t length = chain_length(class);
	struct heap_block *block = depot_take(class);

	if (!block && cache_count > 1)
		block = allocate_chain(class, length);
	if (!block)
		return heap_allocate(heap_class_size(class));
	list->first = block->next;
	list->room = length + 1;
	return block;
}

void heap_cache_overflow(struct heap_cache *cache, uint32_t class)
{
	struct heap_list *list = &cache->lists[class];
	const uint32_t length = chain_length(class);
	struct heap_block *chain = list->first, *last = chain;

	for (uint32_t i = 1; i < length; i++)
		last = last->next;
	list->first = last->next;
	list->room += length;
	last->next = NULL;
	depot_put(class, chain);
}

static struct heap_cache *spare_cache(void)
{
	struct heap_cache *cache;

	depot_acquire();
	for (cache = caches; cache && cache->in_use; cache = cache->next)
		;
	if (cache)
		cache->in_use = 1;
	depot_release();
	return cache;
}

static struct heap_cache *new_cache(void)
{
	struct heap_cache *cache = _malloc_r(_REENT, sizeof *cache);

	if (!cache)
		return NULL;
	cache->in_use = 1;
	cache_clear(cache);
	depot_acquire();
	cache->next = caches;
	caches = cache;
	cache_count++;
	depot_release();
	return cache;
}

/* NOHEAPCACHE in the environment leaves the caches out, to see what they do. */
static bool caches_are_wanted(void)
{
	static enum { UNKNOWN, WANTED, UNWANTED } answer;

	if (answer == UNKNOWN)
		answer = getenv("NOHEAPCACHE") ? UNWANTED : WANTED;
	return answer == WANTED;
}

struct heap_cache *heap_cache_of_thread(void)
{
	struct __castle_thread *self = thread_self();

	if (!self->heap && caches_are_wanted()) {
		self->heap = spare_cache();
		if (!self->heap)
			self->heap = new_cache();
	}
	return self->heap;
}

void heap_thread_ends(void)
{
	struct __castle_thread *self = thread_self();
	struct heap_cache *cache = self->heap;

	self->heap = NULL;
	if (cache)
		__atomic_store_n(&cache->in_use, 0, __ATOMIC_RELEASE);
}

void heap_before_fork(void)
{
	__malloc_lock(_REENT);
	depot_acquire();
}

/*
 * In the child, new threads may have the other threads' caches, but not what is in them: while
 * pages were copied, those threads went on, and a block may have been copied after it was
 * allocated, but the list before. So much memory the child does not use.
 */
void heap_after_fork(int in_child)
{
	struct heap_cache *own = thread_self()->heap;

	for (struct heap_cache *cache = in_child ? caches : NULL; cache; cache = cache->next) {
		if (cache == own)
			continue;
		cache_clear(cache);
		cache->in_use = 0;
	}
	depot_release();
	__malloc_unlock(_REENT);
}
