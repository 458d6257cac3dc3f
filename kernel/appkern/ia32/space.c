/*
 * Lazy copies of page directories.
 */
#include "kernel/appkern/ia32/space.h"

#include <stddef.h>
#include "arch/ia32/cpu.h"
#include "arch/ia32/smp/slot.h"
#include "kernel/appkern/castle/native.h"
#include "kernel/appkern/ia32/processor.h"

#define SLOT_INDEX    PAGE_DIRECTORY_INDEX(CPU_LOCAL_SLOT)
#define CODE_INDEX    PAGE_DIRECTORY_INDEX(NATIVE_CODE_BASE)
#define INITIAL_INDEX PAGE_DIRECTORY_INDEX(NATIVE_PRIVATE_BASE)

/* The boot processor's, the same for as long as the kernel runs. */
static const page_entry_t *boot_directory SET_AT_BOOT;

static page_entry_t *directory_create(page_entry_t slot_entry)
{
	page_entry_t *directory = native_page_alloc_zeroed();

	if (!directory)
		return NULL;
	memcpy(directory, boot_directory, CODE_INDEX * sizeof *directory);
	directory[SLOT_INDEX] = slot_entry;
	return directory;
}

bool space_create_directories(struct space_directories *directories, page_entry_t slot_entry)
{
	bool complete;

	boot_directory = global_directory;
	directories->global = directory_create(slot_entry);
	directories->directory = directories->global;
	complete = directories->global;
	for (unsigned i = 0; i < SPACE_COPIES && complete; i++) {
		directories->copies[i].directory = directory_create(slot_entry);
		complete = directories->copies[i].directory;
	}
	return complete;
}

void space_free_directories(struct space_directories *directories)
{
	if (directories->global)
		native_page_free(directories->global);
	for (unsigned i = 0; i < SPACE_COPIES; i++)
		if (directories->copies[i].directory)
			native_page_free(directories->copies[i].directory);
}

/* What the container has there: the entry that this processor's directory should have too. */
static page_entry_t space_entry(const struct application_space *space, uint32_t index)
{
	if (index < INITIAL_INDEX)
		return boot_directory[index];
	if (native_directory(space->container))
		return native_directory(space->container)[index];
	return index == INITIAL_INDEX ? native_first_entry(space->container) : 0;
}

/* A copy of the container's directory, in place of the oldest one here. */
static page_entry_t *directory_copy(const struct application_space *space)
{
	struct space_directories *here = &this_processor->spaces;
	page_entry_t *directory = here->copies[here->next].directory;

	here->copies[here->next].id = space->id;
	here->next = (here->next + 1) % SPACE_COPIES;
	memcpy(directory + CODE_INDEX, native_directory(space->container) + CODE_INDEX,
	       (PAGE_ENTRIES - CODE_INDEX) * sizeof *directory);
	this_processor->counts.directories_made++;
	TRACE_ON(this_processor->number, DIRECTORY, directory, (uint32_t)space->container);
	return directory;
}

/* The directory to run the space in. */
static page_entry_t *directory_for(const struct application_space *space)
{
	struct space_directories *here = &this_processor->spaces;

	if (!native_directory(space->container)) {
		here->global[INITIAL_INDEX] = native_first_entry(space->container);
		return here->global;
	}
	for (unsigned i = 0; i < SPACE_COPIES; i++)
		if (here->copies[i].id == space->id)
			return here->copies[i].directory;
	return directory_copy(space);
}

static void directory_load(const struct application_space *space)
{
	struct space_directories *here = &this_processor->spaces;

	here->active = space;
	here->directory = directory_for(space);
	cr3_write((uint32_t)here->directory);
}

void space_load(const struct application_space *space)
{
	if (this_processor->spaces.active != space)
		directory_load(space);
}

void space_leave(void)
{
	struct space_directories *here = &this_processor->spaces;

	here->active = NULL;
	here->global[INITIAL_INDEX] = 0;
	here->directory = here->global;
	cr3_write((uint32_t)here->global);
}

static page_entry_t page_entry(page_entry_t table_entry, uint32_t address)
{
	const page_entry_t *table = (const page_entry_t *)PAGE_FRAME(table_entry);

	return table_entry & PAGE_PRESENT ? table[PAGE_TABLE_INDEX(address)] : 0;
}

bool space_repair(const struct application_space *space, uint32_t address)
{
	struct space_directories *here = &this_processor->spaces;
	const uint32_t index = PAGE_DIRECTORY_INDEX(address);
	page_entry_t entry;

	if (address < NATIVE_USER_BASE || address >= NATIVE_USER_END)
		return false;
	/* The container may have got a directory of its own since it was loaded. */
	if (native_directory(space->container) && here->directory == here->global)
		directory_load(space);
	entry = space_entry(space, index);
	here->directory[index] = entry;
	return page_entry(entry, address) & PAGE_PRESENT;
}

void *space_window(const struct application_space *space, uint32_t address, uint32_t size)
{
	const uint32_t offset = address % PAGE_SIZE,
		       needed = PAGE_PRESENT | PAGE_WRITABLE | PAGE_USER;
	page_entry_t entry;

	if (address < NATIVE_PRIVATE_BASE || address >= NATIVE_USER_END ||
	    offset + size > PAGE_SIZE)
		return NULL;
	entry = page_entry(space_entry(space, PAGE_DIRECTORY_INDEX(address)), address);
	return (entry & needed) == needed ? (char *)PAGE_FRAME(entry) + offset : NULL;
}
