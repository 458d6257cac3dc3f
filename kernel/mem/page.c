/*
 * A binary buddy allocator (Knowlton, CACM 1965; Knuth, The Art of Computer Programming, 2.5) with
 * a short stock of single pages in front of it, since single pages are what is nearly always
 * wanted. Free runs are linked through their own first words; a byte a page tells what starts
 * there.
 */
#include "kernel/mem/page.h"

#include "arch/ia32/patch.h"
#include "kernel/debug/fail.h"
#include "kernel/lock/domain.h"
#include "kernel/lock/lock.h"
#include "kernel/measure/statistics.h"
#include "kernel/lib/assert.h"
#include "kernel/lib/list.h"
#include "kernel/lib/string.h"
#include "kernel/mem/page_share.h"
#include "kernel/mem/page_zero.h"
#include "kernel/mem/reclaim.h"

#ifdef CASTLE_SMP
#include "kernel/smp/page_stocks.h"
#endif

/* Map bytes: a free run of order n starts here, or this. */
#define MAP_TAKEN 0xff /* in use, not memory, or inside a run */

static uintptr_t page_start, page_end SET_AT_BOOT;
static uint8_t *page_map GUARDED_BY(pages);
static struct list free_runs[PAGE_ORDER_MAX + 1] GUARDED_BY(pages);
static void *stock[PAGE_STOCK_MAX] GUARDED_BY(pages);
static size_t stock_count GUARDED_BY(pages);
static size_t total_pages SET_AT_BOOT;
static size_t buddy_free_pages GUARDED_BY(pages);
static size_t kept_back GUARDED_BY(pages); /* no more than that are claimed (page_share.h) */

size_t page_map_size(uintptr_t start, uintptr_t end)
{
	return (end - start) >> PAGE_SHIFT;
}

void page_init(uintptr_t start, uintptr_t end, void *map)
{
	assert(start % PAGE_SIZE == 0 && end % PAGE_SIZE == 0);
	page_start = start;
	page_end = end;
	page_map = map;
	memset(page_map, MAP_TAKEN, page_map_size(start, end));
	for (unsigned order = 0; order <= PAGE_ORDER_MAX; order++)
		list_init(&free_runs[order]);
	stock_count = total_pages = buddy_free_pages = kept_back = 0;
}

static uint8_t *map_entry(uintptr_t address)
{
	return &page_map[(address - page_start) >> PAGE_SHIFT];
}

static void run_insert(uintptr_t address, unsigned order)
{
	*map_entry(address) = order;
	list_prepend(&free_runs[order], (struct list *)address);
}

static void run_remove(uintptr_t address)
{
	*map_entry(address) = MAP_TAKEN;
	list_remove((struct list *)address);
}

/* Joins the run with its buddy as long as that is free, too. */
static void buddy_free(uintptr_t address, unsigned order)
{
	assert(address >= page_start && address < page_end && *map_entry(address) == MAP_TAKEN);
	buddy_free_pages += (size_t)1 << order;
	for (; order < PAGE_ORDER_MAX; order++) {
		const uintptr_t size = (uintptr_t)PAGE_SIZE << order, buddy = address ^ size;
		if (buddy < page_start || buddy + size > page_end || *map_entry(buddy) != order)
			break;
		run_remove(buddy);
		address &= ~size;
	}
	run_insert(address, order);
}

/* Takes a run out of the smallest larger one, whose other halves stay free. */
static void *buddy_take(unsigned order)
{
	unsigned found = order;
	uintptr_t address;

	assert_held(pages);
	while (found <= PAGE_ORDER_MAX && list_empty(&free_runs[found]))
		found++;
	if (found > PAGE_ORDER_MAX)
		return NULL;
	address = (uintptr_t)free_runs[found].next;
	run_remove(address);
	while (found-- > order)
		run_insert(address + ((uintptr_t)PAGE_SIZE << found), found);
	buddy_free_pages -= (size_t)1 << order;
	return (void *)address;
}

/* Claims are given up without telling: how many are left is looked at when it matters. */
__attribute__((cold, noinline)) static bool some_are_left(size_t pages)
{
	kept_back = page_share_claims();
	return buddy_free_pages >= kept_back + pages;
}

/* The same, of what is not kept back for those who share pages. */
static void *buddy_alloc(unsigned order)
{
	const size_t pages = (size_t)1 << order;

	if (buddy_free_pages < kept_back + pages && !some_are_left(pages))
		return NULL;
	return buddy_take(order);
}

static void stock_shrink(size_t keep)
{
	while (stock_count > keep)
		buddy_free((uintptr_t)stock[--stock_count], 0);
}

void page_add_range(uintptr_t start, uintptr_t end)
{
	start = (start + PAGE_SIZE - 1) & ~(uintptr_t)(PAGE_SIZE - 1);
	end &= ~(uintptr_t)(PAGE_SIZE - 1);
	if (start < page_start)
		start = page_start;
	if (end > page_end)
		end = page_end;
	while (start < end) {
		unsigned order = 0;
		/* The largest run that is aligned here and fits. */
		while (order < PAGE_ORDER_MAX && !(start & (uintptr_t)PAGE_SIZE << order) &&
		       start + ((uintptr_t)PAGE_SIZE << (order + 1)) <= end)
			order++;
		buddy_free(start, order);
		total_pages += (size_t)1 << order;
		start += (uintptr_t)PAGE_SIZE << order;
	}
}

static inline void *stock_or_buddy_take(void)
{
	void *page = stock_count > 0 ? stock[--stock_count] : buddy_alloc(0);

	if (page)
		statistic_taken++;
	return page;
}

LOCK_REPLACED void *page_take(void)
{
	return stock_or_buddy_take();
}

/* Single pages that were kept ready may make up a run. */
static void *run_take(unsigned order)
{
	void *run = buddy_alloc(order);

	if (!run && stock_count > 0) {
		stock_shrink(0);
		run = buddy_alloc(order);
	}
	return run;
}

__attribute__((noinline)) static void *page_alloc_without_stock(void)
{
	return memory_insist(stock_or_buddy_take());
}

LOCK_REPLACED void *page_alloc(void)
{
	if (fail_allocation())
		return NULL;
	if (stock_count == 0)
		return page_alloc_without_stock();
	statistic_taken++;
	return stock[--stock_count];
}

bool page_keep_is_possible(void)
{
	assert_held(pages);
	if (some_are_left(0))
		return true;
	stock_shrink(0);
	return some_are_left(0);
}

void *page_alloc_kept(void)
{
	void *page;

	if (fail_allocation())
		return NULL;
	page = page_take();
	if (page)
		return page;
	lock_acquire(pages, &pages_lock);
	page = buddy_take(0);
	lock_release(pages, &pages_lock);
	if (page)
		statistic_taken++;
	return page;
}

void *page_alloc_run(unsigned order)
{
	void *run;

	assert(order <= PAGE_ORDER_MAX);
	if (fail_allocation())
		return NULL;
	do {
		lock_acquire(pages, &pages_lock);
		run = run_take(order);
		lock_release(pages, &pages_lock);
	} while (!run && memory_reclaim() > 0);
	if (run)
		statistic_taken += 1u << order;
	return run;
}

PATCH_REPLACED void *page_alloc_zeroed(void)
{
	void *page = page_alloc();

	if (page)
		memset(page, 0, PAGE_SIZE);
	return page;
}

static inline void stock_give(void *page)
{
	assert((uintptr_t)page % PAGE_SIZE == 0);
	if (stock_count == PAGE_STOCK_MAX)
		stock_shrink(PAGE_STOCK_KEEP);
	stock[stock_count++] = page;
	statistic_freed++;
}

LOCK_REPLACED void page_free(void *page)
{
	stock_give(page);
}

void page_free_run(void *run, unsigned order)
{
	lock_acquire(pages, &pages_lock);
	buddy_free((uintptr_t)run, order);
	lock_release(pages, &pages_lock);
	statistic_freed += 1u << order;
}

size_t page_count_total(void)
{
	return total_pages;
}

#ifdef CASTLE_SMP
static void *page_take_locked(void)
{
	return lock_around(pages, &pages_lock, stock_or_buddy_take());
}

static void *page_alloc_locked(void)
{
	return fail_allocation() ? NULL : memory_insist(page_take_locked());
}

static void page_free_locked(void *page)
{
	lock_take(&pages_lock, LOCK_DOMAIN_pages);
	stock_give(page);
	lock_give(&pages_lock, LOCK_DOMAIN_pages);
}

LOCK_FUNCTION_UNLESS(page_take, page_take_locked, pages, stocks);
LOCK_FUNCTION_UNLESS(page_alloc, page_alloc_locked, pages, stocks);
LOCK_FUNCTION_UNLESS(page_free, page_free_locked, pages, stocks);

void *page_buddy_take(void)
{
	assert_held(pages);
	return buddy_alloc(0);
}

void page_buddy_give(void *page)
{
	assert_held(pages);
	buddy_free((uintptr_t)page, 0);
}
#else
size_t page_reclaim(void)
{
	return 0;
}

static size_t page_stocks_count(void)
{
	return 0;
}
#endif

size_t page_count_free(void)
{
	return buddy_free_pages + stock_count + page_stocks_count() + page_zero_count();
}
