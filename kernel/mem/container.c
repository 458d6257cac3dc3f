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
#include "kernel/mem/page.h"
#include "kernel/mem/page_table.h"
#include "kernel/mem/slab.h"
#include "kernel/mem/package.h"

#define INITIAL_INDEX PAGE_DIRECTORY_INDEX(CASTLE_CONTAINER_BASE)
#define PRIVATE_FIRST (INITIAL_INDEX + 1) /* directory entries beyond the initial 4 MB */
#define PRIVATE_END   PAGE_DIRECTORY_INDEX(CASTLE_THREAD_STACKS_END)

static struct slab_cache container_cache GUARDED_BY(slabs);
CPU_LOCAL struct container *active_container;

void container_init_cache(void)
{
	slab_cache_init(&container_cache, "container", sizeof(struct container), sizeof(void *));
}

static uint32_t page_round_up(uint32_t address)
{
	return (address + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
}

/*
 * A container with its page table and nothing mapped. It starts with a directory if its global
 * variables reach beyond the initial 4 MB (Figure 3.3c): nearly every such program touches them.
 */
static struct container *container_create_empty(const struct package *package)
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

/* Frees the pages that entries [first, end) map and clears the entries. */
static void table_free_pages(page_entry_t *table, uint32_t first, uint32_t end)
{
	for (uint32_t index = first; index < end; index++) {
		if (table[index] & PAGE_PRESENT) {
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
	table_free_pages(table, PAGE_TABLE_INDEX(CASTLE_DATA_BASE),
			 (container->data_high - CASTLE_CONTAINER_BASE) / PAGE_SIZE);
	page_table_free(table);
}

static void free_directory(struct container *container)
{
	for (uint32_t index = PRIVATE_FIRST; index < PRIVATE_END; index++) {
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
	memset(directory + PRIVATE_FIRST, 0, (PAGE_ENTRIES - PRIVATE_FIRST) * sizeof *directory);
	container->directory = directory;
	container->pages++;
	TRACE(DIRECTORY, directory, (uint32_t)container);
	container_directory_created(container);
	if (container == active_container)
		paging_switch(directory);
	return 0;
}

static bool copy_page(struct container *to, uint32_t address, const void *content)
{
	void *page = page_alloc();

	if (!page)
		return false;
	memcpy(page, content, PAGE_SIZE);
	statistic_forked++;
	if (container_map(to, address, page) == 0)
		return true;
	page_free(page);
	return false;
}

/* Copies the pages that a table maps at `base` and up; false when memory is out. */
static bool copy_table(struct container *to, const page_entry_t *table, uint32_t base,
		       uint32_t first, uint32_t end)
{
	for (uint32_t index = first; index < end; index++) {
		if (table[index] & PAGE_PRESENT &&
		    !copy_page(to, base + index * PAGE_SIZE, page_of_entry(table[index])))
			return false;
	}
	return true;
}

static bool copy_initial_pages(struct container *to, const struct container *from)
{
	const uint32_t data_end = (from->data_high - CASTLE_CONTAINER_BASE) / PAGE_SIZE;

	return copy_table(to, from->initial_table, CASTLE_CONTAINER_BASE,
			  PAGE_TABLE_INDEX(from->stack_low), PAGE_TABLE_INDEX(CASTLE_STACK_END)) &&
	       copy_table(to, from->initial_table, CASTLE_CONTAINER_BASE,
			  PAGE_TABLE_INDEX(CASTLE_DATA_BASE), data_end);
}

static bool copy_directory(struct container *to, const struct container *from)
{
	if (!from->directory)
		return true;
	for (uint32_t index = PRIVATE_FIRST; index < PRIVATE_END; index++) {
		const page_entry_t entry = from->directory[index];
		if (entry & PAGE_PRESENT &&
		    !copy_table(to, page_of_entry(entry), index * LARGE_PAGE_SIZE, 0, PAGE_ENTRIES))
			return false;
	}
	return true;
}

/* The child has one thread alone, but its stack may be a thread stack: the slots stay taken. */
static bool copy_stack_slots(struct container *to, const struct container *from)
{
	const size_t size = CONTAINER_STACK_WORDS * sizeof(uint32_t);

	if (!from->stack_slots)
		return true;
	to->stack_slots = kmem_alloc(size);
	if (!to->stack_slots)
		return false;
	memcpy(to->stack_slots, from->stack_slots, size);
	return true;
}

struct container *container_copy(struct container *from)
{
	struct container *to = container_create_empty(from->package);
	bool copied;

	if (!to)
		return NULL;
	lock_acquire(container, &from->lock);
	to->break_end = from->break_end;
	copied = copy_stack_slots(to, from) && copy_initial_pages(to, from) &&
		 copy_directory(to, from);
	lock_release(container, &from->lock);
	if (!copied) {
		container_release(to);
		return NULL;
	}
	return to;
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
