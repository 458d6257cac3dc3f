/*
 * The stock of zeroed page tables.
 */
#include "kernel/mem/page_table.h"

#include <stdbool.h>
#include <stddef.h>
#include "kernel/debug/fail.h"
#include "kernel/lock/domain.h"
#include "kernel/lock/lock.h"
#include "kernel/lib/string.h"
#include "kernel/mem/page.h"
#include "kernel/mem/reclaim.h"

#ifdef CASTLE_SMP
#include "kernel/smp/own_lock.h"
#endif

/* As many as the containers that plausibly come and go at once; more would only hoard memory. */
#define KEPT_MAX 32

static page_entry_t *kept[KEPT_MAX] GUARDED_BY(tables);
static uint32_t kept_count GUARDED_BY(tables);

/* One of those kept; NULL: there is none. */
static inline page_entry_t *kept_take(void)
{
	assert_held(tables);
	return kept_count > 0 ? kept[--kept_count] : NULL;
}

/* False: enough are kept. */
static inline bool kept_give(page_entry_t *table)
{
	if (kept_count == KEPT_MAX)
		return false;
	kept[kept_count++] = table;
	return true;
}

static page_entry_t *table_make(void)
{
	page_entry_t *table = page_take();

	if (table)
		memset(table, 0, PAGE_SIZE);
	return table;
}

static page_entry_t *table_take(void)
{
	page_entry_t *table = kept_take();

	return table ? table : table_make();
}

LOCK_REPLACED page_entry_t *page_table_alloc(void)
{
	return fail_allocation() ? NULL : memory_insist(table_take());
}

LOCK_REPLACED void page_table_free(page_entry_t *table)
{
	if (!kept_give(table))
		page_free(table);
}

#ifdef CASTLE_SMP
static page_entry_t *table_take_locked(void)
{
	page_entry_t *const table = lock_around(tables, &tables_lock, kept_take());

	return table ? table : table_make();
}

static page_entry_t *table_alloc_locked(void)
{
	return fail_allocation() ? NULL : memory_insist(table_take_locked());
}

static void table_free_locked(page_entry_t *table)
{
	if (!lock_around(tables, &tables_lock, kept_give(table)))
		page_free(table);
}

LOCK_FUNCTION_UNLESS(page_table_alloc, table_alloc_locked, tables, objects);
LOCK_FUNCTION_UNLESS(page_table_free, table_free_locked, tables, objects);

/* A stock for each processor, where the organisation wants that; the one above stays empty. */
#define OWN_MAX 8u

struct own_tables {
	struct own_lock lock;
	uint32_t count;
	page_entry_t *tables[OWN_MAX];
};

static CPU_LOCAL struct own_tables own_tables;

static page_entry_t *own_table_take(void)
{
	page_entry_t *table = NULL;

	own_lock_take(&own_tables.lock, LOCK_DOMAIN_objects);
	if (own_tables.count > 0)
		table = own_tables.tables[--own_tables.count];
	own_lock_give(&own_tables.lock, LOCK_DOMAIN_objects);
	return table ? table : table_make();
}

static page_entry_t *table_alloc_own(void)
{
	return fail_allocation() ? NULL : memory_insist(own_table_take());
}

static void table_free_own(page_entry_t *table)
{
	bool kept;

	own_lock_take(&own_tables.lock, LOCK_DOMAIN_objects);
	kept = own_tables.count < OWN_MAX;
	if (kept)
		own_tables.tables[own_tables.count++] = table;
	own_lock_give(&own_tables.lock, LOCK_DOMAIN_objects);
	if (!kept)
		page_free(table);
}

LOCK_FUNCTION(page_table_alloc, table_alloc_own, objects);
LOCK_FUNCTION(page_table_free, table_free_own, objects);

/* How many pages that were. */
static uint32_t own_tables_free(void)
{
	uint32_t pages = 0;

	for (uint32_t cpu = 0; cpu < cpu_count; cpu++) {
		struct own_tables *own = CPU_LOCAL_OF(cpu, own_tables);
		own_lock_take(&own->lock, LOCK_DOMAIN_objects);
		pages += own->count;
		while (own->count > 0)
			page_free(own->tables[--own->count]);
		own_lock_give(&own->lock, LOCK_DOMAIN_objects);
	}
	return pages;
}
#else
static uint32_t own_tables_free(void)
{
	return 0;
}
#endif

uint32_t page_table_reclaim(void)
{
	uint32_t count, own = own_tables_free();

	lock_acquire(tables, &tables_lock);
	count = kept_count;
	while (kept_count > 0)
		page_free(kept[--kept_count]);
	lock_release(tables, &tables_lock);
	return own + count;
}

uint32_t page_table_kept(void)
{
	return kept_count;
}
