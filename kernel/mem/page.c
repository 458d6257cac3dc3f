/*
 * A binary buddy allocator (Knowlton, CACM 1965; Knuth, The Art of Computer Programming, 2.5) with
 * a short stock of single pages in front of it, since single pages are what is nearly always
 * wanted. Free runs are linked through their own first words; a byte a page tells what starts
 * there.
 */
#include "kernel/mem/page.h"

#include "kernel/debug/fail.h"
#include "kernel/lock/domain.h"
#include "kernel/lock/lock.h"
#include "kernel/measure/statistics.h"
#include "kernel/lib/assert.h"
#include "kernel/lib/list.h"
#include "kernel/lib/string.h"
#include "kernel/mem/reclaim.h"

#ifdef CASTLE_SMP
#include "kernel/smp/own_lock.h"
#endif

/* Map bytes: a free run of order n starts here, or this. */
#define MAP_TAKEN 0xff /* in use, not memory, or inside a run */

/*
 * The stock: given back to the buddy system in part when it is full, so that runs can form again.
 */
#define STOCK_MAX  64
#define STOCK_KEEP 32

/* Pages that a processor's own stock fetches at a time. */
#define STOCK_BATCH 16

static uintptr_t page_start, page_end SET_AT_BOOT;
static uint8_t *page_map GUARDED_BY(pages);
static struct list free_runs[PAGE_ORDER_MAX + 1] GUARDED_BY(pages);
static void *stock[STOCK_MAX] GUARDED_BY(pages);
static size_t stock_count GUARDED_BY(pages);
static size_t total_pages SET_AT_BOOT;
static size_t buddy_free_pages GUARDED_BY(pages);

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
	stock_count = total_pages = buddy_free_pages = 0;
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
static void *buddy_alloc(unsigned order)
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

void *page_alloc_zeroed(void)
{
	void *page = page_alloc();

	if (page)
		memset(page, 0, PAGE_SIZE);
	return page;
}

static inline void stock_give(void *page)
{
	assert((uintptr_t)page % PAGE_SIZE == 0);
	if (stock_count == STOCK_MAX)
		stock_shrink(STOCK_KEEP);
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

/*
 * A stock for each processor, where the organisation wants that: then the one above stays empty,
 * and the buddy system is asked for some pages at a time.
 */
struct own_stock {
	struct own_lock lock;
	uint32_t count;
	void *pages[STOCK_MAX];
};

static CPU_LOCAL struct own_stock own_stock;

/* Under the stock's lock, as the next one. */
__attribute__((noinline)) static void own_stock_fill(struct own_stock *stock)
{
	void *page;

	lock_take(&pages_lock, LOCK_DOMAIN_pages);
	while (stock->count < STOCK_BATCH && (page = buddy_alloc(0)))
		stock->pages[stock->count++] = page;
	lock_give(&pages_lock, LOCK_DOMAIN_pages);
}

__attribute__((noinline)) static void own_stock_shrink(struct own_stock *stock, uint32_t keep)
{
	lock_take(&pages_lock, LOCK_DOMAIN_pages);
	while (stock->count > keep)
		buddy_free((uintptr_t)stock->pages[--stock->count], 0);
	lock_give(&pages_lock, LOCK_DOMAIN_pages);
}

static inline __attribute__((always_inline)) void *own_page_take(void)
{
	void *page = NULL;

	own_lock_take(&own_stock.lock, LOCK_DOMAIN_stocks);
	if (own_stock.count == 0)
		own_stock_fill(&own_stock);
	if (own_stock.count > 0) {
		page = own_stock.pages[--own_stock.count];
		statistic_taken++;
	}
	own_lock_give(&own_stock.lock, LOCK_DOMAIN_stocks);
	return page;
}

static void *page_take_own(void)
{
	return own_page_take();
}

static void *page_alloc_own(void)
{
	return fail_allocation() ? NULL : memory_insist(own_page_take());
}

static void page_free_own(void *page)
{
	assert((uintptr_t)page % PAGE_SIZE == 0);
	own_lock_take(&own_stock.lock, LOCK_DOMAIN_stocks);
	if (own_stock.count == STOCK_MAX)
		own_stock_shrink(&own_stock, STOCK_KEEP);
	own_stock.pages[own_stock.count++] = page;
	statistic_freed++;
	own_lock_give(&own_stock.lock, LOCK_DOMAIN_stocks);
}

LOCK_FUNCTION(page_take, page_take_own, stocks);
LOCK_FUNCTION(page_alloc, page_alloc_own, stocks);
LOCK_FUNCTION(page_free, page_free_own, stocks);

size_t page_reclaim(void)
{
	size_t pages = 0;

	for (uint32_t cpu = 0; cpu < cpu_count; cpu++) {
		struct own_stock *stock = CPU_LOCAL_OF(cpu, own_stock);
		if (stock->count == 0)
			continue;
		own_lock_take(&stock->lock, LOCK_DOMAIN_stocks);
		pages += stock->count;
		own_stock_shrink(stock, 0);
		own_lock_give(&stock->lock, LOCK_DOMAIN_stocks);
	}
	return pages;
}

static size_t own_stocks_count(void)
{
	size_t pages = 0;

	for (uint32_t cpu = 0; cpu < cpu_count; cpu++)
		pages += (*CPU_LOCAL_OF(cpu, own_stock)).count;
	return pages;
}
#else
size_t page_reclaim(void)
{
	return 0;
}

static size_t own_stocks_count(void)
{
	return 0;
}
#endif

size_t page_count_free(void)
{
	return buddy_free_pages + stock_count + own_stocks_count();
}
