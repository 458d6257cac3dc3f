/*
 * malloc() and its relatives: a thread's own list of free blocks first, which takes a dozen
 * instructions and no lock; what large blocks and empty or full lists need is in heap_cache.c.
 * Blocks are newlib's, so the functions that are not here (memalign, malloc_usable_size, …), and
 * newlib's own allocations, are newlib's.
 */
#include <errno.h>
#include <malloc.h>
#include <reent.h>
#include <stdlib.h>
#include <string.h>
#include "heap_cache.h"

/* Blocks of up to so many bytes move to one of another size by copying, without newlib's lock. */
#define COPY_MAX 1024u

/* newlib's realloc() of more than this fails with its lock held. */
#define REQUEST_MAX 0x7fffff00u

static __attribute__((noinline)) void *allocate_slowly(size_t size)
{
	struct heap_cache *cache = size <= HEAP_CACHED_MAX ? heap_cache_of_thread() : NULL;

	return cache ? heap_cache_refill(cache, heap_class_of_request(size)) : heap_allocate(size);
}

/*
 * malloc(), under a name that means nothing to the compiler: of a malloc() whose block is cleared
 * it makes a calloc(), in calloc(), too.
 */
static inline void *allocate(size_t size)
{
	struct heap_cache *cache = thread_self()->heap;

	if (cache && size <= HEAP_CACHED_MAX) {
		struct heap_list *list = &cache->lists[heap_class_of_request(size)];
		struct heap_block *block = list->first;
		if (block) {
			list->first = block->next;
			list->room++;
			return block;
		}
	}
	return allocate_slowly(size);
}

void *malloc(size_t size)
{
	return allocate(size);
}

void free(void *memory)
{
	struct heap_cache *cache = thread_self()->heap;
	struct heap_block *block = memory;
	struct heap_list *list;
	uint32_t class;

	if (!block)
		return;
	if (!cache || heap_chunk_size(block) > HEAP_CHUNK_LARGEST) {
		_free_r(_REENT, block);
		return;
	}
	class = heap_class_of_chunk(heap_chunk_size(block));
	list = &cache->lists[class];
	block->next = list->first;
	list->first = block;
	if (--list->room < 0)
		heap_cache_overflow(cache, class);
}

void *calloc(size_t count, size_t size)
{
	size_t bytes;
	void *memory;

	if (__builtin_mul_overflow(count, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	if (bytes > HEAP_CACHED_MAX)
		return _calloc_r(_REENT, 1, bytes);
	memory = allocate(bytes);
	return memory ? memset(memory, 0, bytes) : NULL;
}

void *realloc(void *memory, size_t size)
{
	size_t usable;
	void *moved;

	if (!memory)
		return allocate(size);
	usable = heap_chunk_size(memory) - HEAP_CHUNK_HEADER;
	if (size <= usable && size >= usable / 2)
		return memory;
	if (size > REQUEST_MAX) {
		errno = ENOMEM;
		return NULL;
	}
	if (usable > COPY_MAX || size > COPY_MAX)
		return _realloc_r(_REENT, memory, size);
	moved = allocate(size);
	if (moved) {
		memcpy(moved, memory, size < usable ? size : usable);
		free(memory);
	}
	return moved;
}
