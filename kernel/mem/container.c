/*
 * The life of a container (Section 3.2.3, Figure 3.3): two pages at the start, its own page
 * directory when it needs one, everything freed at the end. Faults are answered in
 * container_fault.c.
 */
#include "kernel/mem/container.h"

#include <castle/address_map.h>
#include <castle/errno.h>
#include <stddef.h>
#include "kernel/lock/domain.h"
#include "kernel/measure/statistics.h"
#include "kernel/debug/trace.h"
#include "kernel/lib/assert.h"
#include "kernel/lib/string.h"
#include "kernel/mem/container_directories.h"
#include "kernel/mem/container_internal.h"
#include "kernel/mem/page.h"
#include "kernel/mem/page_share.h"
#include "kernel/mem/page_table.h"
#include "kernel/mem/slab.h"
#include "kernel/mem/package.h"

#define INITIAL_INDEX PAGE_DIRECTORY_INDEX(CASTLE_CONTAINER_BASE)

static struct slab_cache container_cache GUARDED_BY(slabs);
CPU_LOCAL struct container *active_container;
bool container_may_share SET_AT_BOOT;

void container_init_cache(bool may_share)
{
	container_may_share = may_share;
	slab_cache_init(&container_cache, "container", sizeof(struct container), sizeof(void *));
}

static uint32_t page_round_up(uint32_t address)
{
	return (address + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
}

/*
 * It starts with a directory if its global
 * variables reach beyond the initial 4 MB (Figure 3.3c): nearly every such program touches them.
 */
struct container *container_create_empty(const struct package *package)
{
	struct container *container = slab_alloc(&container_cache);

	if (!container)
		return NULL;
	memset(container, 0, sizeof *container);
	container->initial_table = page_table_alloc();
	if (!container->initial_table) {
		slab_free(&container_cache, container);
		return NULL;
	}
	container->package = package_reference(package);
	container->references = 1;
	container->pages = 1;
	container->stack_low = CASTLE_STACK_END;
	container->data_high = CASTLE_DATA_BASE;
	container->break_start = page_round_up(package->data_end);
	if (container->break_start < CASTLE_DATA_BASE)
		container->break_start = CASTLE_DATA_BASE;
	container->break_end = container->break_start;
	container->stack_lowest = CASTLE_STACK_GUARD_END;
	if (package->data_end > CASTLE_INITIAL_END && container_make_directory(container) != 0) {
		container_release(container);
		return NULL;
	}
	return container;
}

struct container *container_create(const struct package *package)
{
	struct container *container = container_create_empty(package);
	void *stack;

	if (!container)
		return NULL;
	stack = page_alloc_zeroed();
	if (!stack) {
		container_release(container);
		return NULL;
	}
	container_map(container, CASTLE_STACK_END - PAGE_SIZE, stack);
	return container;
}

/* Frees a page that others may map, too, if nobody does. */
static void shared_page_free(page_entry_t entry)
{
	void *const page = page_of_entry(entry);

	if (entry & PAGE_COMMON ? page_share_end(page) : page_share_drop(page))
		page_free(page);
}

/* Frees the pages that entries [first, end) map and clears the entries. */
static void table_free_pages(page_entry_t *table, uint32_t first, uint32_t end)
{
	for (uint32_t index = first; index < end; index++) {
		if (table[index] & PAGE_PRESENT) {
			if (table[index] & (PAGE_SHARED | PAGE_COMMON))
				shared_page_free(table[index]);
			else
				page_free(page_of_entry(table[index]));
			table[index] = 0;
		}
	}
}

/* The watermarks spare a look at a thousand entries: only what was touched is walked. */
static void free_initial_pages(struct container *container)
{
	page_entry_t *const table = container->initial_table;

	table_free_pages(table, PAGE_TABLE_INDEX(container->stack_low),
			 PAGE_TABLE_INDEX(CASTLE_STACK_END));
	table_free_pages(table, PAGE_TABLE_INDEX(CASTLE_DATA_BASE), container_data_end(container));
	page_table_free(table);
}

static void free_directory(struct container *container)
{
	for (uint32_t index = CONTAINER_PRIVATE_FIRST; index < CONTAINER_PRIVATE_END; index++) {
		if (container->directory[index] & PAGE_PRESENT) {
			page_entry_t *const table = page_of_entry(container->directory[index]);
			table_free_pages(table, 0, PAGE_ENTRIES);
			page_free(table);
		}
	}
	page_free(container->directory);
}

void container_release(struct container *container)
{
	assert(container->references > 0);
	if (!reference_drop(&container->references))
		return;
	if (container == active_container)
		container_deactivate();
	container_directories_free(container);
	free_initial_pages(container);
	if (container->directory)
		free_directory(container);
	if (container->stack_slots)
		kmem_free(container->stack_slots, CONTAINER_STACK_WORDS * sizeof(uint32_t));
	package_release(container->package);
	slab_free(&container_cache, container);
}

void container_activate(struct container *container)
{
	if (container == active_container)
		return;
	active_container = container;
	if (container->directory)
		paging_switch(container_directory_here(container));
	else
		paging_switch_global(container_initial_entry(container));
}

void container_deactivate(void)
{
	paging_switch_global(0);
	active_container = NULL;
}

/* The kernel and all code packages are the same everywhere: the lower half is copied. */
int container_make_directory(struct container *container)
{
	page_entry_t *directory;

	assert_held(container);
	if (container->directory)
		return 0;
	directory = page_alloc();
	if (!directory)
		return -ENOMEM;
	memcpy(directory, global_directory, INITIAL_INDEX * sizeof *directory);
	directory[INITIAL_INDEX] = container_initial_entry(container);
	memset(directory + CONTAINER_PRIVATE_FIRST, 0,
	       (PAGE_ENTRIES - CONTAINER_PRIVATE_FIRST) * sizeof *directory);
	container->directory = directory;
	container->pages++;
	TRACE(DIRECTORY, directory, (uint32_t)container);
	container_directory_created(container);
	if (container == active_container)
		paging_switch(directory);
	return 0;
}

void container_limit_stack(struct container *container, uint32_t size)
{
	if (size > CASTLE_STACK_END - CASTLE_STACK_GUARD_END)
		size = CASTLE_STACK_END - CASTLE_STACK_GUARD_END;
	container->stack_lowest = (CASTLE_STACK_END - size) & ~(PAGE_SIZE - 1);
}

uint32_t container_set_break(struct container *container, uint32_t address)
{
	assert_held(container);
	if (address < container->break_start || address > CASTLE_HEAP_END)
		return container->break_end;
	/* Memory is given when it is touched; refuse here what could not be given even now. */
	if (address > container->break_end &&
	    (address - container->break_end) / PAGE_SIZE > page_count_free())
		return container->break_end;
	container->break_end = address;
	return address;
}

int container_take_stack_slot(struct container *container)
{
	const size_t size = CONTAINER_STACK_WORDS * sizeof(uint32_t);

	assert_held(container);
	if (!container->stack_slots) {
		container->stack_slots = kmem_alloc(size);
		if (!container->stack_slots)
			return -ENOMEM;
		memset(container->stack_slots, 0, size);
	}
	for (uint32_t word = 0; word < CONTAINER_STACK_WORDS; word++) {
		const uint32_t used = container->stack_slots[word];
		if (used != ~0u) {
			const uint32_t bit = __builtin_ctz(~used);
			container->stack_slots[word] |= 1u << bit;
			return word * 32 + bit;
		}
	}
	return -EAGAIN;
}

void container_free_stack_slot(struct container *container, uint32_t slot)
{
	assert_held(container);
	container->stack_slots[slot / 32] &= ~(1u << slot % 32);
}

uint32_t container_stack_slot_end(uint32_t slot)
{
	return CASTLE_THREAD_STACKS + (slot + 1) * CASTLE_THREAD_STACK_SIZE;
}
