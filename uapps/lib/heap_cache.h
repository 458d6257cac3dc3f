/*
 * The heap's caches: blocks that were freed and wait to be used again, so that threads which
 * allocate and free do not meet at newlib's lock. (The author's later measurements: with one
 * semaphore before the heap, four of five allocations on four processors wait for it.)
 *
 * Every block comes from newlib's heap and is one of its chunks; which layer allocated it makes no
 * difference to the one that frees it. Three layers:
 *
 *	cache	a thread's own lists of free blocks, one for each class of sizes; no lock
 *	depot	chains of free blocks that threads pass to each other whole (J. Bonwick, J. Adams,
 *		Magazines and Vmem, USENIX 2001); a lock that is held for a few instructions
 *	heap	newlib's, with its lock
 */
#ifndef CASTLE_LIB_HEAP_CACHE_H
#define CASTLE_LIB_HEAP_CACHE_H

#include <stddef.h>
#include <stdint.h>
#include "thread.h"

/*
 * Classes, by the bytes that a block can hold. newlib's chunks have a header of 4 bytes and are
 * multiples of 8. Up to 252 bytes there is a class for each size of a chunk, which is eight times
 * its number; above, four classes for each doubling.
 */
#define HEAP_CHUNK_HEADER  4u
#define HEAP_CHUNK_LEAST   16u
#define HEAP_FINE_MAX      252u
#define HEAP_FINE_CLASSES  33u /* numbers 0 and 1 are not used */
#define HEAP_CACHED_MAX    8192u
#define HEAP_DOUBLINGS     5u
#define HEAP_CLASSES       (HEAP_FINE_CLASSES + 4 * HEAP_DOUBLINGS)
#define HEAP_COARSE_LEAST  256u
#define HEAP_CHUNK_LARGEST (HEAP_CACHED_MAX + 8)

/* What lies in a free block. */
struct heap_block {
	struct heap_block *next;
	struct heap_block *next_chain; /* in the depot, of the first block of a chain */
};

struct heap_list {
	struct heap_block *first;
	int32_t room; /* blocks that may come before some are handed to the depot */
};

struct heap_cache {
	struct heap_cache *next; /* in the list of all caches */
	uint32_t in_use;         /* by a thread; else the next thread that needs one takes it */
	struct heap_list lists[HEAP_CLASSES];
};

/* The size of a block's chunk, which newlib keeps in front of it, with flags in the low bits. */
static inline size_t heap_chunk_size(const void *block)
{
	return ((const uint32_t *)block)[-1] & ~7u;
}

/* The smallest class above the fine ones whose blocks hold `size` bytes, more than 256. */
static inline uint32_t heap_coarse_class(size_t size)
{
	const uint32_t doubling = 31 - __builtin_clz(size - 1);

	return HEAP_FINE_CLASSES + (doubling - 8) * 4 + ((size - 1) >> (doubling - 2)) - 4;
}

/* The class of a request: the smallest whose blocks hold `size` bytes, HEAP_CACHED_MAX at most. */
static inline uint32_t heap_class_of_request(size_t size)
{
	if (size > HEAP_FINE_MAX)
		return size <= HEAP_COARSE_LEAST ? HEAP_FINE_CLASSES : heap_coarse_class(size);
	if (size < HEAP_CHUNK_LEAST - HEAP_CHUNK_HEADER)
		size = HEAP_CHUNK_LEAST - HEAP_CHUNK_HEADER;
	return (size + HEAP_CHUNK_HEADER + 7) / 8;
}

/* The class of a chunk: the largest whose blocks need no more. HEAP_CHUNK_LARGEST at most. */
static inline uint32_t heap_class_of_chunk(size_t chunk)
{
	if (chunk < HEAP_FINE_CLASSES * 8)
		return chunk / 8;
	/* A coarse class's chunks have 8 bytes more than its size: the smallest class for one byte
	 * more than this is the one behind it. */
	return heap_coarse_class(chunk - 8 + 1) - 1;
}

/* The most bytes that the class is for. */
size_t heap_class_size(uint32_t class);

/* The calling thread's cache, made if it is absent; NULL: there is none (memory, NOHEAPCACHE). */
struct heap_cache *heap_cache_of_thread(void);

/* A block of the class from the depot or the heap, with others for the cache; NULL: memory is out.
 */
void *heap_cache_refill(struct heap_cache *cache, uint32_t class);

/* Hands blocks of a list that has no more room to the depot. */
void heap_cache_overflow(struct heap_cache *cache, uint32_t class);

/* A block from newlib's heap; gives back what the depot holds if that has to grow, or is at its
 * end. */
void *heap_allocate(size_t size);

/* Gives all blocks of the depot, and of the calling thread's cache, back to newlib's heap. */
void heap_release_all(void);

/* The calling thread ends: another one may have its cache. */
void heap_thread_ends(void) __attribute__((weak));

/* Around fork(): the heap and the depot must be whole in the child, whose one thread is the caller.
 */
void heap_before_fork(void) __attribute__((weak));
void heap_after_fork(int in_child) __attribute__((weak));

/* Bytes that the break has moved up since the program's start. */
extern size_t heap_grown;

/* The memory from here on was never part of the heap: it is zero. The caller has newlib's lock of
 * the heap. */
const char *heap_fresh(void);

#endif
