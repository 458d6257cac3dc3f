/*
 * Which page directory a processor uses for a container that has one of its own. With one processor
 * there is just that one; kernel/smp/container_directories.h is for several.
 */
#ifndef KERNEL_MEM_CONTAINER_DIRECTORIES_H
#define KERNEL_MEM_CONTAINER_DIRECTORIES_H

#ifdef CASTLE_SMP
#include "kernel/smp/container_directories.h"
#else
#include <stdbool.h>
#include <stdint.h>
#include "kernel/lock/domain.h"
#include "kernel/mem/container.h"

/*
 * Makes sure that this processor has a directory to run the container with. False when memory is
 * out. Only this processor ever sets or reads its own entry, so that it needs no lock to find that
 * it has one. Caller holds nothing (it may take the container, and pages).
 */
static inline bool container_prepare(struct container *container)
{
	(void)container;
	return true;
}

/* This processor's directory for the container, which has one, and is prepared. Any context. */
static inline uint32_t *container_directory_here(struct container *container)
{
	return container->directory;
}

/*
 * The container page directory has just been made by this processor, copied from its global one.
 * Caller holds container.
 */
static inline void container_directory_created(struct container *container)
{
	(void)container;
}

/*
 * An entry of the container page directory has been set by this processor. Caller holds container.
 */
static inline void container_directory_changed(struct container *container, uint32_t index)
{
	(void)container;
	(void)index;
}

/*
 * Whether this processor may lack what the container has. A container without a directory of its
 * own has one thread and one page table, and whoever runs it uses that.
 */
#define container_directories_may_lag(container) false

/*
 * Takes over the container's entry `index`, one of its own part of the address space, where the
 * directory of this processor, on which the container, which has one, is active, lacks it. True if
 * it did. Caller holds container.
 */
static inline bool container_directory_catch_up(struct container *container, uint32_t index)
{
	(void)container;
	(void)index;
	return false;
}

/* With one processor no other can be in the container. Any context. */
static inline bool container_is_only_here(const struct container *container)
{
	(void)container;
	return true;
}

/* Frees all directories but the container page directory, at the end. Caller holds container. */
static inline void container_directories_free(struct container *container)
{
	(void)container;
}

/* How many page directories the container has. Caller holds container. */
static inline uint32_t container_directory_count(const struct container *container)
{
	assert_held(container);
	return container->directory ? 1 : 0;
}
#endif

#endif
