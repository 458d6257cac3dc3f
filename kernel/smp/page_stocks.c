/*
 * The buddy system is asked for some pages at a time. A stock has a lock, which others take only to
 * get back what is kept; or it is a stack that needs none, in a kernel without locks for that.
 */
#include "kernel/smp/page_stocks.h"

#include "kernel/debug/fail.h"
#include "kernel/lib/assert.h"
#include "kernel/lock/lock.h"
#include "kernel/measure/statistics.h"
#include "kernel/mem/page.h"
#include "kernel/mem/reclaim.h"
#include "kernel/smp/free_stack.h"
#include "kernel/smp/own_lock.h"

#define STOCK_BATCH 16u

struct own_stock {
	struct own_lock lock;
	uint32_t count;
	void *pages[PAGE_STOCK_MAX];
};

static CPU_LOCAL struct own_stock own_stock;

/* Under the stock's lock, as the next one. */
__attribute__((noinline)) static void own_stock_fill(struct own_stock *stock)
{
	void *page;

	lock_take(&pages_lock, LOCK_DOMAIN_pages);
	while (stock->count < STOCK_BATCH && (page = page_buddy_take()))
		stock->pages[stock->count++] = page;
	lock_give(&pages_lock, LOCK_DOMAIN_pages);
}

__attribute__((noinline)) static void own_stock_shrink(struct own_stock *stock, uint32_t keep)
{
	lock_take(&pages_lock, LOCK_DOMAIN_pages);
	while (stock->count > keep)
		page_buddy_give(stock->pages[--stock->count]);
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
	if (own_stock.count == PAGE_STOCK_MAX)
		own_stock_shrink(&own_stock, PAGE_STOCK_KEEP);
	own_stock.pages[own_stock.count++] = page;
	statistic_freed++;
	own_lock_give(&own_stock.lock, LOCK_DOMAIN_stocks);
}

LOCK_FUNCTION(page_take, page_take_own, stocks);
LOCK_FUNCTION(page_alloc, page_alloc_own, stocks);
LOCK_FUNCTION(page_free, page_free_own, stocks);

/* The same without a lock. */
static CPU_LOCAL struct free_stack free_pages;

/* One page, and some more for the stock. */
__attribute__((noinline)) static void *free_pages_fill(void)
{
	void *first, *page;

	lock_take(&pages_lock, LOCK_DOMAIN_pages);
	first = page_buddy_take();
	for (uint32_t i = 1; first && i < STOCK_BATCH && (page = page_buddy_take()); i++)
		free_stack_push(&free_pages, page, PAGE_STOCK_MAX);
	lock_give(&pages_lock, LOCK_DOMAIN_pages);
	return first;
}

/* How many that were. */
__attribute__((noinline)) static size_t free_pages_shrink(struct free_stack *stack, uint32_t keep)
{
	size_t pages = 0;
	void *page;

	lock_take(&pages_lock, LOCK_DOMAIN_pages);
	for (; free_stack_count(stack) > keep && (page = free_stack_pop(stack)); pages++)
		page_buddy_give(page);
	lock_give(&pages_lock, LOCK_DOMAIN_pages);
	return pages;
}

static void *page_take_free(void)
{
	void *page = free_stack_pop(&free_pages);

	if (!page)
		page = free_pages_fill();
	if (page)
		statistic_taken++;
	return page;
}

static void *page_alloc_free(void)
{
	return fail_allocation() ? NULL : memory_insist(page_take_free());
}

static void page_free_free(void *page)
{
	assert((uintptr_t)page % PAGE_SIZE == 0);
	while (!free_stack_push(&free_pages, page, PAGE_STOCK_MAX))
		free_pages_shrink(&free_pages, PAGE_STOCK_KEEP);
	statistic_freed++;
}

LOCK_FREE_FUNCTION(page_take, page_take_free);
LOCK_FREE_FUNCTION(page_alloc, page_alloc_free);
LOCK_FREE_FUNCTION(page_free, page_free_free);

/* How many that were. */
static size_t own_stock_empty(struct own_stock *stock)
{
	size_t pages;

	if (stock->count == 0)
		return 0;
	own_lock_take(&stock->lock, LOCK_DOMAIN_stocks);
	pages = stock->count;
	own_stock_shrink(stock, 0);
	own_lock_give(&stock->lock, LOCK_DOMAIN_stocks);
	return pages;
}

size_t page_reclaim(void)
{
	size_t pages = 0;

	for (uint32_t cpu = 0; cpu < cpu_count; cpu++) {
		struct free_stack *stack = CPU_LOCAL_OF(cpu, free_pages);
		pages += own_stock_empty(CPU_LOCAL_OF(cpu, own_stock));
		if (free_stack_count(stack) > 0)
			pages += free_pages_shrink(stack, 0);
	}
	return pages;
}

size_t page_stocks_count(void)
{
	size_t pages = 0;

	for (uint32_t cpu = 0; cpu < cpu_count; cpu++)
		pages += (*CPU_LOCAL_OF(cpu, own_stock)).count +
			 free_stack_count(CPU_LOCAL_OF(cpu, free_pages));
	return pages;
}
