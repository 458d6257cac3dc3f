/*
 * Address spaces on the application processors: page directories made lazily from the container's
 * (Section 4.3.3, requirement 2: the kernel tells where a container's page tables are). A processor
 * runs a container that has no directory of its own in the processor's global one, and keeps copies
 * of the directories of the containers that it ran last. Nothing is unmapped while a container
 * lives, so a copy may lag behind but is never wrong.
 */
#ifndef KERNEL_APPKERN_IA32_SPACE_H
#define KERNEL_APPKERN_IA32_SPACE_H

#include <stdbool.h>
#include <stdint.h>
#include "arch/ia32/paging.h"

#define SPACE_COPIES 4 /* of container page directories that a processor keeps */

struct container;

struct application_space {
	struct container *container; /* referenced */
	uint32_t id;                 /* never used twice */
};

/* What a processor knows of address spaces. */
struct space_directories {
	const struct application_space *active; /* NULL: none */
	page_entry_t *directory;                /* that is loaded */
	page_entry_t *global;
	struct {
		uint32_t id; /* of the space; 0: none yet */
		page_entry_t *directory;
	} copies[SPACE_COPIES];
	uint32_t next; /* copy to give up next */
};

/* Gives a processor, not running yet, its directories. False when memory is out. At boot. */
bool space_create_directories(struct space_directories *directories, page_entry_t slot_entry);
void space_free_directories(struct space_directories *directories);

/* These act on the application processor that they run on. */

/* Makes the space the active one. Caller holds nothing. */
void space_load(const struct application_space *space);

/* Leaves the active space: nothing of it is used any more. Caller holds nothing. */
void space_leave(void);

/*
 * After a fault at `address`, which was not mapped: true if the container has it by now and this
 * processor only did not know; then it does. Caller holds nothing.
 */
bool space_repair(const struct application_space *space, uint32_t address);

/*
 * The kernel's view of `size` bytes of the space at `address`, for writing; NULL if they are not
 * mapped so, or cross a page. The memory stays while the space does, but its content is the
 * program's: it may change between two looks. Caller holds nothing.
 */
void *space_window(const struct application_space *space, uint32_t address, uint32_t size);

#endif
