/*
 * Objects of any size, from slab caches of fixed ones: the powers of two from 32 up and the sizes
 * halfway between them, so that at most a third of an object is waste.
 */
#include "kernel/lib/assert.h"
#include "kernel/lock/domain.h"
#include "kernel/mem/slab.h"

static const struct {
	const char *name;
	size_t size;
} kmem_classes[] = {
	{ "kmem-32", 32 },
	{ "kmem-48", 48 },
	{ "kmem-64", 64 },
	{ "kmem-96", 96 },
	{ "kmem-128", 128 },
	{ "kmem-192", 192 },
	{ "kmem-256", 256 },
	{ "kmem-384", 384 },
	{ "kmem-512", 512 },
	{ "kmem-768", 768 },
	{ "kmem-1k", 1024 },
	{ "kmem-1.3k", 1344 },
	{ "kmem-2k", SLAB_OBJECT_MAX },
};

#define CLASS_COUNT (sizeof kmem_classes / sizeof *kmem_classes)
#define STEP        32 /* sizes are looked up in steps of so many bytes */

static struct slab_cache kmem_caches[CLASS_COUNT] GUARDED_BY(slabs);
static unsigned char class_of_step[SLAB_OBJECT_MAX / STEP + 2] SET_AT_BOOT;

void kmem_init(void)
{
	unsigned class = 0;

	for (unsigned i = 0; i < CLASS_COUNT; i++)
		slab_cache_init(&kmem_caches[i], kmem_classes[i].name, kmem_classes[i].size, 16);
	/*
	 * Step s serves sizes from 32 (s - 1) + 1 to 32 s; the smallest class that holds them all.
	 */
	for (unsigned step = 0; step < sizeof class_of_step; step++) {
		while (class < CLASS_COUNT - 1 && kmem_classes[class].size < step * STEP)
			class ++;
		class_of_step[step] = class;
	}
}

static struct slab_cache *kmem_cache(size_t size)
{
	assert(size <= SLAB_OBJECT_MAX);
	return &kmem_caches[class_of_step[(size + STEP - 1) / STEP]];
}

void *kmem_alloc(size_t size)
{
	return slab_alloc(kmem_cache(size));
}

void kmem_free(void *object, size_t size)
{
	slab_free(kmem_cache(size), object);
}

size_t kmem_usable_size(size_t size)
{
	return kmem_cache(size)->object_size;
}
