/*
 * A container's page directories on several processors (Section 3.3.3, Figure 3.4): the container
 * page directory, used directly by the processor that owns it, and copies, made lazily, for the
 * others that run the container. They differ in the entry of the CPU-local slot, and in what has
 * been mapped since they were copied, which is copied when it is missed.
 *
 * Included by kernel/mem/container_directories.h, which says what these functions are for.
 */
#ifndef KERNEL_SMP_CONTAINER_DIRECTORIES_H
#define KERNEL_SMP_CONTAINER_DIRECTORIES_H

#include <stdbool.h>
#include <stdint.h>
#include "arch/ia32/cpulocal.h"

struct container;

#define CONTAINER_NO_OWNER 0xffffffff

struct container_directories {
	uint32_t owner;    /* processor that runs on the container page directory; or nobody yet */
	uint32_t **others; /* by processor: their own directories; NULL: none was ever needed */
};

void container_directory_created(struct container *container);
uint32_t container_directory_count(const struct container *container);

/*
 * The functions below where there is more than one processor. Here: the container's entry has been
 * set, and this processor's own directory follows. Caller holds container.
 */
void container_directory_update(struct container *container, uint32_t index);

/* Caller holds container. */
void container_directories_free_others(struct container *container);

/* Caller holds nothing. */
bool container_prepare_here(struct container *container);

/* The same for processor `cpu`, which does not run the container now. Caller holds nothing. */
bool container_prepare_cpu(struct container *container, uint32_t cpu);

/* Any context. */
uint32_t *container_directory_of_cpu(struct container *container);
bool container_directory_catch_up(struct container *container, uint32_t index);

/* Whether no other processor is in the container now. Any context. */
bool container_is_only_here(const struct container *container);

static inline void container_directories_free(struct container *container)
{
	if (several_processors())
		container_directories_free_others(container);
}

static inline void container_directory_changed(struct container *container, uint32_t index)
{
	if (several_processors())
		container_directory_update(container, index);
}

static inline bool container_prepare(struct container *container)
{
	return !several_processors() || container_prepare_here(container);
}

#define container_directory_here(container) \
	(several_processors() ? container_directory_of_cpu(container) : (container)->directory)

#define container_directories_may_lag(container) (several_processors() && (container)->directory)

#endif
