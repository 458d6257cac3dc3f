/*
 * Kernel objects that each processor keeps ready for itself, where the organisation wants that:
 * slab_alloc() and slab_free() (kernel/mem/slab.h) are for these then.
 */
#ifndef KERNEL_SMP_MAGAZINES_H
#define KERNEL_SMP_MAGAZINES_H

#include "kernel/mem/slab.h"

/* Gives all of them back to their caches. Caller holds nothing (neither objects nor slabs). */
void magazines_empty(void);

/* What magazines are filled from and emptied into: an object of the cache, NULL when memory is out.
 * Caller holds slabs. */
void *slab_object_take(struct slab_cache *cache);
void slab_object_give(struct slab_cache *cache, void *object);

#endif
