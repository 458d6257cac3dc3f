/*
 * The stock of zeroed page tables.
 */
#include "kernel/mem/page_table.h"

#include <stddef.h>
#include "kernel/debug/fail.h"
#include "kernel/lock/domain.h"
#include "kernel/lib/string.h"
#include "kernel/mem/page.h"
#include "kernel/mem/reclaim.h"

/* As many as the containers that plausibly come and go at once; more would only hoard memory. */
#define KEPT_MAX 32

static page_entry_t *kept[KEPT_MAX] GUARDED_BY(tables);
static uint32_t kept_count GUARDED_BY(tables);

static page_entry_t *table_take(void)
{
	page_entry_t *table;

	if (kept_count > 0)
		return kept[--kept_count];
	table = page_take();
	if (table)
		memset(table, 0, PAGE_SIZE);
	return table;
}

page_entry_t *page_table_alloc(void)
{
	page_entry_t *table;

	if (fail_allocation())
		return NULL;
	do
		table = table_take();
	while (!table && memory_reclaim() > 0);
	return table;
}

void page_table_free(page_entry_t *table)
{
	if (kept_count < KEPT_MAX)
		kept[kept_count++] = table;
	else
		page_free(table);
}

uint32_t page_table_reclaim(void)
{
	const uint32_t count = kept_count;

	while (kept_count > 0)
		page_free(kept[--kept_count]);
	return count;
}

uint32_t page_table_kept(void)
{
	return kept_count;
}
