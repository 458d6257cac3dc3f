/*
 * What the files that make, fill and copy containers have in common.
 */
#ifndef KERNEL_MEM_CONTAINER_INTERNAL_H
#define KERNEL_MEM_CONTAINER_INTERNAL_H

#include <castle/address_map.h>
#include <stdbool.h>
#include <stdint.h>
#include "arch/ia32/paging.h"
#include "kernel/mem/container.h"
#include "kernel/mem/page.h"

/* Directory entries of a container's own part of the address space beyond the initial 4 MB. */
#define CONTAINER_PRIVATE_FIRST (PAGE_DIRECTORY_INDEX(CASTLE_CONTAINER_BASE) + 1)
#define CONTAINER_PRIVATE_END   PAGE_DIRECTORY_INDEX(CASTLE_THREAD_STACKS_END)

/* The entry of a table, and that of a page that the container may write. */
#define CONTAINER_ENTRY (PAGE_PRESENT | PAGE_WRITABLE | PAGE_USER)

/* Whether the container's own tables say what is there; all else is the same for everybody. Any
 * context. */
static inline bool container_is_private(uint32_t address)
{
	return address >= CASTLE_CONTAINER_BASE && address < CASTLE_THREAD_STACKS_END;
}

/* Where what is mapped of data and heap ends in the initial table: the entry behind it. Any
 * context. */
static inline uint32_t container_data_end(const struct container *container)
{
	return (container->data_high - CASTLE_CONTAINER_BASE) / PAGE_SIZE;
}

/* A container with its page table and nothing mapped; NULL: no memory. Caller holds nothing. */
struct container *container_create_empty(const struct package *package);

/* The page table for a private address, made where there is none; NULL: no memory. Caller holds
 * container. */
page_entry_t *container_table(struct container *container, uint32_t address);

/*
 * Answers a write to a page that is there and was found read-only: one that is shared becomes the
 * container's own. Not FAULT_RESOLVED if it may not be written, or memory is out. Caller holds
 * container.
 */
enum fault_result container_page_write(struct container *container, uint32_t address);

#endif
