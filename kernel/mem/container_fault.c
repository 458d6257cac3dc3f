/*
 * Page faults (Section 3.2.3): what may be touched where, what a fresh page holds, and putting it
 * into the page table. Everything is in memory, so a fault never sleeps.
 */
#include "kernel/mem/container.h"

#include <castle/address_map.h>
#include <castle/errno.h>
#include <stddef.h>
#include "arch/ia32/cpu.h"
#include "arch/ia32/patch.h"
#include "kernel/debug/trace.h"
#include "kernel/lock/domain.h"
#include "kernel/measure/statistics.h"
#include "kernel/lib/assert.h"
#include "kernel/lib/string.h"
#include "kernel/mem/container_directories.h"
#include "kernel/mem/container_internal.h"
#include "kernel/mem/page.h"
#include "kernel/mem/page_share.h"
#include "kernel/mem/page_zero.h"
#include "kernel/mem/package.h"

page_entry_t *container_table(struct container *container, uint32_t address)
{
	page_entry_t *entry;

	assert_held(container);
	if (address < CASTLE_INITIAL_END)
		return container->initial_table;
	if (container_make_directory(container) != 0)
		return NULL;
	entry = &container->directory[PAGE_DIRECTORY_INDEX(address)];
	if (!(*entry & PAGE_PRESENT)) {
		void *table = page_alloc_zeroed();
		if (!table)
			return NULL;
		container->pages++;
		*entry = physical_of(table) | CONTAINER_ENTRY;
		container_directory_changed(container, PAGE_DIRECTORY_INDEX(address));
	}
	return page_of_entry(*entry);
}

/* Keeps the watermarks that container_release() and container_copy() walk between. */
static void container_note_mapped(struct container *container, uint32_t page)
{
	if (page < CASTLE_STACK_END) {
		if (page < container->stack_low)
			container->stack_low = page;
	} else if (page < CASTLE_INITIAL_END && page + PAGE_SIZE > container->data_high) {
		container->data_high = page + PAGE_SIZE;
	}
}

/* Maps a complete page; -ENOMEM if its page table cannot be made. Inlined: faults are frequent. */
static inline __attribute__((always_inline)) int page_map(struct container *container,
							  uint32_t page, void *frame)
{
	page_entry_t *table = container_table(container, page);

	if (!table)
		return -ENOMEM;
	assert(!(table[PAGE_TABLE_INDEX(page)] & PAGE_PRESENT));
	table[PAGE_TABLE_INDEX(page)] = physical_of(frame) | CONTAINER_ENTRY;
	container->pages++;
	container_note_mapped(container, page);
	return 0;
}

int container_map(struct container *container, uint32_t address, void *frame)
{
	assert_held(container);
	return page_map(container, address & ~(PAGE_SIZE - 1), frame);
}

/* Such a page is not counted as the container's: it does not go with it. */
int container_map_shared(struct container *container, uint32_t address, void *page, bool writable)
{
	page_entry_t *table = container_table(container, address), *entry;

	assert_held(container);
	if (!table)
		return -ENOMEM;
	entry = &table[PAGE_TABLE_INDEX(address)];
	if (*entry & PAGE_PRESENT)
		return -EINVAL;
	page_share_common(page);
	*entry = physical_of(page) | PAGE_PRESENT | PAGE_USER | PAGE_COMMON |
		 (writable ? PAGE_WRITABLE : 0);
	container_note_mapped(container, address);
	return 0;
}

static bool address_in_slot_guard(uint32_t address)
{
	return (address - CASTLE_THREAD_STACKS) % CASTLE_THREAD_STACK_SIZE < PAGE_SIZE;
}

static bool stack_slot_used(const struct container *container, uint32_t address)
{
	const uint32_t slot = (address - CASTLE_THREAD_STACKS) / CASTLE_THREAD_STACK_SIZE;

	return container->stack_slots && container->stack_slots[slot / 32] & 1u << slot % 32;
}

/* FAULT_RESOLVED if memory may be put at `address`. */
static enum fault_result address_check(const struct container *container, uint32_t address)
{
	if (!container_is_private(address))
		return FAULT_UNMAPPED;
	if (address < container->stack_lowest)
		return FAULT_STACK_OVERFLOW;
	if (address < CASTLE_STACK_END)
		return FAULT_RESOLVED;
	if (address < CASTLE_THREAD_STACKS) {
		const uint32_t end = (container->break_end + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
		return address < end ? FAULT_RESOLVED : FAULT_UNMAPPED;
	}
	if (!stack_slot_used(container, address))
		return FAULT_UNMAPPED;
	return address_in_slot_guard(address) ? FAULT_STACK_OVERFLOW : FAULT_RESOLVED;
}

/* A page of global variables is copied from the code package when touched; the rest is zero. */
static inline bool page_is_copied(const struct package *package, uint32_t page)
{
	return page >= package->data_start && page < package->data_file_end;
}

static inline __attribute__((always_inline)) void page_fill(const struct package *package,
							    uint32_t page, void *frame)
{
	uint32_t copied = 0;

	if (page_is_copied(package, page)) {
		copied = package->data_file_end - page;
		if (copied > PAGE_SIZE)
			copied = PAGE_SIZE;
		memcpy(frame, package->image + package->data_offset + (page - package->data_start),
		       copied);
		statistic_copied++;
	} else {
		statistic_fresh++;
	}
	memset((uint8_t *)frame + copied, 0, PAGE_SIZE - copied);
}

/*
 * True if the container's own tables allow the access already: another processor has put the page
 * there, and this one did not know. Nothing else may be called spurious, since the access is simply
 * tried again. The address must be private, and the container have a directory.
 */
static bool fault_is_spurious(const struct container *container, const struct fault *fault)
{
	const uint32_t needed = PAGE_PRESENT | PAGE_USER | (fault->write ? PAGE_WRITABLE : 0);
	const page_entry_t table_entry = container->directory[PAGE_DIRECTORY_INDEX(fault->address)];
	const page_entry_t *table = page_of_entry(table_entry);

	return table_entry & PAGE_PRESENT &&
	       (table[PAGE_TABLE_INDEX(fault->address)] & needed) == needed;
}

/* With `ahead`, a constant, pages are taken that were zeroed ahead, where zeros are wanted. */
static inline __attribute__((always_inline)) enum fault_result provide(struct container *container,
								       uint32_t page, bool ahead)
{
	const enum fault_result result = address_check(container, page);
	void *frame;

	if (result != FAULT_RESOLVED)
		return result;
	ahead = ahead && !page_is_copied(container->package, page);
	frame = ahead ? page_zero_alloc() : page_alloc();
	if (!frame)
		return FAULT_NO_MEMORY;
	if (ahead)
		statistic_fresh++;
	else
		page_fill(container->package, page, frame);
	if (page_map(container, page, frame) != 0) {
		page_free(frame);
		return FAULT_NO_MEMORY;
	}
	return FAULT_RESOLVED;
}

/* Puts memory where there is none yet, if there may be some. */
PATCH_REPLACED static enum fault_result page_provide(struct container *container, uint32_t page)
{
	return provide(container, page, false);
}

static enum fault_result page_provide_ahead(struct container *container, uint32_t page)
{
	return provide(container, page, true);
}

void container_fault_use_zeros(void)
{
	const struct patch_jump provision = { page_provide, page_provide_ahead };

	patch_jump(&provision);
}

/* This processor may only not have known what another one has put there; then it does now. */
__attribute__((noinline)) static enum fault_result
fault_after_catching_up(struct container *container, const struct fault *fault)
{
	const uint32_t page = fault->address & ~(PAGE_SIZE - 1);
	bool copied;

	if (!container_is_private(page))
		return FAULT_UNMAPPED;
	copied = container_directory_catch_up(container, PAGE_DIRECTORY_INDEX(page));
	if (!fault_is_spurious(container, fault))
		return page_provide(container, page);
	TRACE(SPURIOUS, page, copied);
	if (copied)
		statistic_entries++;
	else
		statistic_stale++;
	return FAULT_RESOLVED;
}

static inline enum fault_result fault_answer(struct container *container, const struct fault *fault)
{
	if (fault->protection)
		return fault->write ? container_page_write(container, fault->address)
				    : FAULT_PROTECTED;
	return container_directories_may_lag(container)
		       ? fault_after_catching_up(container, fault)
		       : page_provide(container, fault->address & ~(PAGE_SIZE - 1));
}

LOCK_REPLACED enum fault_result container_fault(struct container *container,
						const struct fault *fault)
{
	return fault_answer(container, fault);
}

#ifdef CASTLE_SMP
static enum fault_result container_fault_locked(struct container *container,
						const struct fault *fault)
{
	return lock_around(container, &container->lock, fault_answer(container, fault));
}

LOCK_FUNCTION(container_fault, container_fault_locked, container);
#endif

void *container_page(struct container *container, uint32_t address)
{
	const uint32_t page = address & ~(PAGE_SIZE - 1);
	page_entry_t *table, *entry;

	assert_held(container);
	if (address_check(container, address) != FAULT_RESOLVED)
		return NULL;
	table = container_table(container, address);
	if (!table)
		return NULL;
	entry = &table[PAGE_TABLE_INDEX(address)];
	if (!(*entry & PAGE_PRESENT) && page_provide(container, page) != FAULT_RESOLVED)
		return NULL;
	if (*entry & PAGE_SHARED && container_page_write(container, page) != FAULT_RESOLVED)
		return NULL;
	return page_of_entry(*entry);
}

const char *fault_result_text(enum fault_result result, const struct fault *fault)
{
	switch (result) {
	case FAULT_PROTECTED:
		return fault->write ? "write to protected memory" : "read of protected memory";
	case FAULT_STACK_OVERFLOW:
		return "stack overflow";
	case FAULT_NO_MEMORY:
		return "out of memory";
	default:
		return fault->write ? "write to unmapped memory" : "read of unmapped memory";
	}
}
