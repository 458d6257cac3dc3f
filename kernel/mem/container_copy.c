/*
 * The container of a forked process. It shares its parent's pages until one of the two writes (copy
 * on write): both map them read-only then, and a write is a fault that gives the writer a page of
 * its own.
 *
 * Write permission is taken away from a container, and pages are replaced in one, only while it has
 * one thread. Such a thread runs on one processor, which no other can be in the container with
 * (docs/address-space.md); so there are no translations to be shot down elsewhere. A container with
 * several threads is copied at once, and one that is to get a second thread gets all its pages for
 * itself first.
 */
#include "kernel/mem/container.h"

#include <castle/address_map.h>
#include <castle/errno.h>
#include "arch/ia32/cpu.h"
#include "kernel/lib/assert.h"
#include "kernel/lib/string.h"
#include "kernel/lock/domain.h"
#include "kernel/measure/statistics.h"
#include "kernel/mem/container_directories.h"
#include "kernel/mem/container_internal.h"
#include "kernel/mem/page.h"
#include "kernel/mem/page_share.h"
#include "kernel/mem/slab.h"

/* How a container is copied: whether it may share, and the page that is copied in any case. */
struct copying {
	struct container *to;
	bool share;
	uint32_t stack;
	uint32_t claimed; /* pages that may be shared yet */
};

/* The entry for the copy's own page; 0 when memory is out. */
static page_entry_t entry_copied(page_entry_t entry)
{
	void *page = page_alloc();

	if (!page)
		return 0;
	memcpy(page, page_of_entry(entry), PAGE_SIZE);
	statistic_forked++;
	return physical_of(page) | CONTAINER_ENTRY;
}

/* The entry with which both map the page from now on. */
static page_entry_t entry_shared(page_entry_t *entry)
{
	if (*entry & PAGE_SHARED) {
		page_share(page_of_entry(*entry));
	} else {
		page_share_first(page_of_entry(*entry));
		*entry = (*entry & ~PAGE_WRITABLE) | PAGE_SHARED;
	}
	statistic_shared++;
	return *entry;
}

static inline page_entry_t entry_for_copy(struct copying *copying, page_entry_t *entry,
					  uint32_t address)
{
	if (*entry & PAGE_COMMON) {
		page_share_common(page_of_entry(*entry));
		copying->to->pages--; /* as it is counted: it is not the container's own */
		return *entry;
	}
	if (!copying->share || address == copying->stack)
		return entry_copied(*entry);
	copying->claimed--;
	return entry_shared(entry);
}

/* Fills `copy` with what entries [first, end) map at `base` and up; false when memory is out. */
static bool copy_table(struct copying *copying, page_entry_t *copy, page_entry_t *table,
		       uint32_t base, uint32_t first, uint32_t end)
{
	for (uint32_t index = first; index < end; index++) {
		if (!(table[index] & PAGE_PRESENT))
			continue;
		copy[index] = entry_for_copy(copying, &table[index], base + index * PAGE_SIZE);
		if (!copy[index])
			return false;
		copying->to->pages++;
	}
	return true;
}

static bool copy_initial_pages(struct copying *copying, const struct container *from)
{
	struct container *const to = copying->to;

	to->stack_low = from->stack_low;
	to->data_high = from->data_high;
	return copy_table(copying, to->initial_table, from->initial_table, CASTLE_CONTAINER_BASE,
			  PAGE_TABLE_INDEX(from->stack_low), PAGE_TABLE_INDEX(CASTLE_STACK_END)) &&
	       copy_table(copying, to->initial_table, from->initial_table, CASTLE_CONTAINER_BASE,
			  PAGE_TABLE_INDEX(CASTLE_DATA_BASE), container_data_end(from));
}

static bool copy_directory(struct copying *copying, const struct container *from)
{
	if (!from->directory)
		return true;
	for (uint32_t index = CONTAINER_PRIVATE_FIRST; index < CONTAINER_PRIVATE_END; index++) {
		page_entry_t *copy;
		if (!(from->directory[index] & PAGE_PRESENT))
			continue;
		copy = container_table(copying->to, index * LARGE_PAGE_SIZE);
		if (!copy || !copy_table(copying, copy, page_of_entry(from->directory[index]),
					 index * LARGE_PAGE_SIZE, 0, PAGE_ENTRIES))
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

static bool copy_all(struct copying *copying, struct container *from)
{
	bool copied;

	lock_acquire(container, &from->lock);
	copying->to->break_end = from->break_end;
	copying->to->stack_lowest = from->stack_lowest;
	copied = copy_stack_slots(copying->to, from) && copy_initial_pages(copying, from) &&
		 copy_directory(copying, from);
	if (copying->share) {
		assert_slowly(container_is_only_here(from));
		from->shares = copying->to->shares = true;
		paging_forget();
	}
	lock_release(container, &from->lock);
	return copied;
}

struct container *container_copy(struct container *from, bool alone, uint32_t stack)
{
	struct copying copying = { .stack = stack & ~(PAGE_SIZE - 1) };

	assert(from == active_container);
	copying.share = alone && container_may_share;
	/* More than are shared: tables are among them. */
	if (copying.share)
		copying.claimed = from->pages;
	if (!page_share_claim(copying.claimed))
		return NULL;
	copying.to = container_create_empty(from->package);
	if (copying.to && !copy_all(&copying, from)) {
		container_release(copying.to);
		copying.to = NULL;
	}
	page_share_unclaim(copying.claimed);
	return copying.to;
}

/* The page's other owners keep it; false when memory is out. */
static bool page_leave(page_entry_t *entry)
{
	void *const shared = page_of_entry(*entry);
	void *const page = page_alloc_kept();

	if (!page)
		return false;
	memcpy(page, shared, PAGE_SIZE);
	*entry = physical_of(page) | CONTAINER_ENTRY;
	statistic_unshared++;
	/* The last of the others may have left it meanwhile. */
	if (page_share_drop(shared))
		page_free(shared);
	return true;
}

/* Makes a page that is shared the container's own; false when memory is out. */
static bool page_own(page_entry_t *entry)
{
	if (!page_share_is_last(page_of_entry(*entry)))
		return page_leave(entry);
	*entry = (*entry & ~PAGE_SHARED) | PAGE_WRITABLE;
	return true;
}

/* The entry of a private address; NULL: there is not even a table. */
static page_entry_t *entry_find(struct container *container, uint32_t address)
{
	page_entry_t *table = container->initial_table;

	if (address >= CASTLE_INITIAL_END) {
		const page_entry_t *directory = container->directory;
		const uint32_t index = PAGE_DIRECTORY_INDEX(address);
		if (!directory || !(directory[index] & PAGE_PRESENT))
			return NULL;
		table = page_of_entry(directory[index]);
	}
	return &table[PAGE_TABLE_INDEX(address)];
}

enum fault_result container_page_write(struct container *container, uint32_t address)
{
	page_entry_t *entry;

	assert_held(container);
	if (!container_is_private(address))
		return FAULT_PROTECTED;
	entry = entry_find(container, address);
	if (!entry || !(*entry & PAGE_PRESENT))
		return FAULT_PROTECTED;
	if ((*entry & (PAGE_COMMON | PAGE_WRITABLE)) == PAGE_COMMON)
		return FAULT_PROTECTED;
	assert_slowly(!(*entry & PAGE_SHARED) || container_is_only_here(container));
	if (*entry & PAGE_SHARED && !page_own(entry))
		return FAULT_NO_MEMORY;
	/* Else this processor did not know that it may write, and learns it likewise. */
	tlb_invalidate(address);
	return FAULT_RESOLVED;
}

static bool own_table(page_entry_t *table, uint32_t first, uint32_t end)
{
	for (uint32_t index = first; index < end; index++)
		if (table[index] & PAGE_SHARED && !page_own(&table[index]))
			return false;
	return true;
}

static bool own_directory(struct container *container)
{
	if (!container->directory)
		return true;
	for (uint32_t index = CONTAINER_PRIVATE_FIRST; index < CONTAINER_PRIVATE_END; index++) {
		const page_entry_t entry = container->directory[index];
		if (entry & PAGE_PRESENT && !own_table(page_of_entry(entry), 0, PAGE_ENTRIES))
			return false;
	}
	return true;
}

int container_own_pages(struct container *container)
{
	assert_held(container);
	if (!container->shares)
		return 0;
	assert_slowly(container_is_only_here(container));
	if (!own_table(container->initial_table, PAGE_TABLE_INDEX(container->stack_low),
		       PAGE_TABLE_INDEX(CASTLE_STACK_END)) ||
	    !own_table(container->initial_table, PAGE_TABLE_INDEX(CASTLE_DATA_BASE),
		       container_data_end(container)) ||
	    !own_directory(container))
		return -ENOMEM;
	container->shares = false;
	paging_forget();
	return 0;
}
