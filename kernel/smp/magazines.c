/*
 * Objects that each processor keeps for itself (Bonwick and Adams, Magazines and Vmem, USENIX
 * 2001): it goes to the cache, and takes its lock, for some at a time. Magazines have a lock, which
 * others take only to get back what is kept; or they are stacks that need none, in a kernel without
 * locks for that.
 */
#include "kernel/smp/magazines.h"

#include <castle/info.h>
#include "kernel/debug/fail.h"
#include "kernel/lock/lock.h"
#include "kernel/mem/reclaim.h"
#include "kernel/smp/free_stack.h"
#include "kernel/smp/own_lock.h"

/* What a batch of kernel/smp/epoch.c frees at once has room, and what comes and goes does, too. */
#define MAGAZINE_MAX   32u
#define MAGAZINE_BATCH 12u

/* Linked by their first words, the one that was freed last first. */
struct magazine {
	void *first;
	uint32_t count;
};

static CPU_LOCAL struct own_lock magazines_lock;
static CPU_LOCAL struct magazine magazines[SLAB_CACHES_MAX];

/* Under the lock of the magazines, as the next three. */
static inline void magazine_push(struct magazine *magazine, void *object)
{
	*(void **)object = magazine->first;
	magazine->first = object;
	magazine->count++;
}

/* NULL if it is empty. */
static inline void *magazine_pop(struct magazine *magazine)
{
	void *object = magazine->first;

	if (object) {
		magazine->first = *(void **)object;
		magazine->count--;
	}
	return object;
}

__attribute__((noinline)) static void magazine_fill(struct magazine *magazine,
						    struct slab_cache *cache)
{
	void *object;

	lock_take(&cache->lock, LOCK_DOMAIN_slabs);
	while (magazine->count < MAGAZINE_BATCH && (object = slab_object_take(cache)))
		magazine_push(magazine, object);
	lock_give(&cache->lock, LOCK_DOMAIN_slabs);
}

__attribute__((noinline)) static void magazine_shrink(struct magazine *magazine,
						      struct slab_cache *cache, uint32_t keep)
{
	lock_take(&cache->lock, LOCK_DOMAIN_slabs);
	while (magazine->count > keep)
		slab_object_give(cache, magazine_pop(magazine));
	lock_give(&cache->lock, LOCK_DOMAIN_slabs);
}

/* From the cache, with some more for the magazine; NULL when memory is out. */
static void *magazine_refill(struct magazine *magazine, struct slab_cache *cache)
{
	void *object;

	own_lock_take(&magazines_lock, LOCK_DOMAIN_objects);
	magazine_fill(magazine, cache);
	object = magazine_pop(magazine);
	own_lock_give(&magazines_lock, LOCK_DOMAIN_objects);
	return object;
}

/* Out of the way of what is short: so that no register has to be saved there. */
__attribute__((noinline)) static void *slab_alloc_slowly(struct magazine *magazine,
							 struct slab_cache *cache)
{
	return memory_insist(magazine_refill(magazine, cache));
}

__attribute__((noinline)) static void slab_free_slowly(struct magazine *magazine,
						       struct slab_cache *cache, void *object)
{
	own_lock_take(&magazines_lock, LOCK_DOMAIN_objects);
	magazine_shrink(magazine, cache, MAGAZINE_MAX - MAGAZINE_BATCH);
	magazine_push(magazine, object);
	own_lock_give(&magazines_lock, LOCK_DOMAIN_objects);
}

static void *slab_alloc_own(struct slab_cache *cache)
{
	struct magazine *magazine = &magazines[cache->number];
	void *object;

	if (fail_allocation())
		return NULL;
	own_lock_take(&magazines_lock, LOCK_DOMAIN_objects);
	object = magazine_pop(magazine);
	own_lock_give(&magazines_lock, LOCK_DOMAIN_objects);
	return object ? object : slab_alloc_slowly(magazine, cache);
}

static void slab_free_own(struct slab_cache *cache, void *object)
{
	struct magazine *magazine = &magazines[cache->number];

	own_lock_take(&magazines_lock, LOCK_DOMAIN_objects);
	if (__builtin_expect(magazine->count < MAGAZINE_MAX, true)) {
		magazine_push(magazine, object);
		own_lock_give(&magazines_lock, LOCK_DOMAIN_objects);
		return;
	}
	own_lock_give(&magazines_lock, LOCK_DOMAIN_objects);
	slab_free_slowly(magazine, cache, object);
}

LOCK_FUNCTION(slab_alloc, slab_alloc_own, objects);
LOCK_FUNCTION(slab_free, slab_free_own, objects);

/* The same without a lock. */
static struct {
	struct free_stack of[SLAB_CACHES_MAX];
} __attribute__((aligned(64)))
free_objects[CASTLE_CPUS_MAX] UNGUARDED("any processor changes them, by compare-and-swap");

/* One object, and some more for the magazine. */
__attribute__((noinline)) static void *free_objects_fill(struct free_stack *stack,
							 struct slab_cache *cache)
{
	void *first, *object;

	lock_take(&cache->lock, LOCK_DOMAIN_slabs);
	first = slab_object_take(cache);
	for (uint32_t i = 1; first && i < MAGAZINE_BATCH && (object = slab_object_take(cache)); i++)
		free_stack_push(stack, object, MAGAZINE_MAX);
	lock_give(&cache->lock, LOCK_DOMAIN_slabs);
	return first;
}

__attribute__((noinline)) static void free_objects_shrink(struct free_stack *stack,
							  struct slab_cache *cache, uint32_t keep)
{
	void *object;

	lock_take(&cache->lock, LOCK_DOMAIN_slabs);
	while (free_stack_count(stack) > keep && (object = free_stack_pop(stack)))
		slab_object_give(cache, object);
	lock_give(&cache->lock, LOCK_DOMAIN_slabs);
}

static void *free_objects_take(struct slab_cache *cache)
{
	struct free_stack *stack = &free_objects[cpu_number].of[cache->number];
	void *object = free_stack_pop(stack);

	return object ? object : free_objects_fill(stack, cache);
}

static void *slab_alloc_free(struct slab_cache *cache)
{
	return fail_allocation() ? NULL : memory_insist(free_objects_take(cache));
}

static void slab_free_free(struct slab_cache *cache, void *object)
{
	struct free_stack *stack = &free_objects[cpu_number].of[cache->number];

	while (!free_stack_push(stack, object, MAGAZINE_MAX))
		free_objects_shrink(stack, cache, MAGAZINE_MAX - MAGAZINE_BATCH);
}

LOCK_FREE_FUNCTION(slab_alloc, slab_alloc_free);
LOCK_FREE_FUNCTION(slab_free, slab_free_free);

/* Those of a processor, for one cache. Caller holds objects. */
static void cache_empty_of(uint32_t cpu, struct slab_cache *cache)
{
	struct magazine *magazine = &(*CPU_LOCAL_OF(cpu, magazines))[cache->number];
	struct free_stack *stack = &free_objects[cpu].of[cache->number];

	if (magazine->count > 0)
		magazine_shrink(magazine, cache, 0);
	if (free_stack_count(stack) > 0)
		free_objects_shrink(stack, cache, 0);
}

/* Those of a processor, for all caches. */
static void magazines_empty_of(uint32_t cpu)
{
	struct own_lock *const lock = CPU_LOCAL_OF(cpu, magazines_lock);
	struct list *node;

	own_lock_take(lock, LOCK_DOMAIN_objects);
	list_for_each (node, &slab_caches)
		cache_empty_of(cpu, list_entry(node, struct slab_cache, caches));
	own_lock_give(lock, LOCK_DOMAIN_objects);
}

void magazines_empty(void)
{
	if (lock_is_used(LOCK_BIT(objects)))
		for (uint32_t cpu = 0; cpu < cpu_count; cpu++)
			magazines_empty_of(cpu);
}
