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
	page_entry_t *table;

	if (fail_allocation())
		return NULL;
	do
		table = table_take();
	while (!table && memory_reclaim() > 0);
	return table;
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
	page_entry_t *table;

	if (fail_allocation())
		return NULL;
	do
		table = table_take_locked();
	while (!table && memory_reclaim() > 0);
	return table;
}

static void table_free_locked(page_entry_t *table)
{
	if (!lock_around(tables, &tables_lock, kept_give(table)))
		page_free(table);
}

LOCK_FUNCTION(page_table_alloc, table_alloc_locked, tables);
LOCK_FUNCTION(page_table_free, table_free_locked, tables);
#endif

uint32_t page_table_reclaim(void)
{
	uint32_t count;

	lock_acquire(tables, &tables_lock);
	count = kept_count;
	while (kept_count > 0)
		page_free(kept[--kept_count]);
	lock_release(tables, &tables_lock);
	return count;
}

uint32_t page_table_kept(void)
{
	return kept_count;
}
