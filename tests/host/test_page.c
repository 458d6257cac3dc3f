/*
 * The page allocator.
 */
#include <string.h>
#include "kernel/measure/statistics.h"
#include "kernel/mem/page.h"
#include "kernel/mem/page_zero.h"
#include "kernel/mem/reclaim.h"
#include "tests/host/support.h"

#define PAGES 4096

START_TEST(every_page_once)
{
	static char *pages[PAGES];

	memory_start(PAGES);
	statistic_taken = statistic_freed = 0;
	ck_assert_uint_eq(page_count_total(), PAGES);
	for (int i = 0; i < PAGES; i++) {
		pages[i] = page_alloc();
		ck_assert_ptr_nonnull(pages[i]);
		ck_assert_uint_eq((uintptr_t)pages[i] % PAGE_SIZE, 0);
		memset(pages[i], i, PAGE_SIZE);
	}
	ck_assert_ptr_null(page_alloc());
	ck_assert_uint_eq(page_count_free(), 0);
	ck_assert_uint_eq(statistic_taken, PAGES);
	for (int i = 0; i < PAGES; i++) {
		ck_assert_int_eq(pages[i][0], (char)i);
		ck_assert_int_eq(pages[i][PAGE_SIZE - 1], (char)i);
		page_free(pages[i]);
	}
	ck_assert_uint_eq(page_count_free(), PAGES);
	ck_assert_uint_eq(statistic_freed, PAGES);
}
END_TEST

START_TEST(runs_are_aligned_and_join_again)
{
	memory_start(PAGES);
	for (unsigned order = 0; order <= PAGE_ORDER_MAX; order++) {
		const uint32_t taken = statistic_taken;
		void *run = page_alloc_run(order);
		ck_assert_ptr_nonnull(run);
		ck_assert_uint_eq((uintptr_t)run % (PAGE_SIZE << order), 0);
		ck_assert_uint_eq(page_count_free(), PAGES - (1u << order));
		ck_assert_uint_eq(statistic_taken - taken, 1u << order);
		page_free_run(run, order);
	}
	/* Taken apart to single pages and freed in any order, the largest run is there again. */
	void *pages[1024];
	for (int i = 0; i < 1024; i++)
		pages[i] = page_alloc();
	for (int i = 0; i < 1024; i++)
		page_free(pages[i * 7 % 1024]);
	for (int i = 0; i < PAGES / 1024; i++)
		ck_assert_ptr_nonnull(page_alloc_run(PAGE_ORDER_MAX));
	ck_assert_uint_eq(page_count_free(), 0);
}
END_TEST

START_TEST(odd_ranges)
{
	static char memory[64 * PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
	static char map[64];
	const uintptr_t start = (uintptr_t)memory;

	page_init(start, start + sizeof memory, map);
	page_add_range(start + 1, start + 3 * PAGE_SIZE - 1); /* one whole page */
	ck_assert_uint_eq(page_count_free(), 1);
	page_add_range(start + 5 * PAGE_SIZE, start + 16 * PAGE_SIZE);
	ck_assert_uint_eq(page_count_free(), 12);
	page_add_range(start + 60 * PAGE_SIZE, start + 200 * PAGE_SIZE); /* cut at the end */
	ck_assert_uint_eq(page_count_free(), 16);
	for (int i = 0; i < 16; i++) {
		char *page = page_alloc();
		ck_assert(page >= memory && page < memory + sizeof memory);
		memset(page, 1, PAGE_SIZE);
	}
	ck_assert_ptr_null(page_alloc());
}
END_TEST

static void *kept;

size_t memory_reclaim(void)
{
	void *page = kept;

	kept = NULL;
	if (page)
		page_free(page);
	return page != NULL;
}

START_TEST(reclaim)
{
	memory_start(1024);
	kept = page_alloc();
	for (int i = 0; i < 1023; i++)
		ck_assert_ptr_nonnull(page_alloc());
	ck_assert_ptr_nonnull(page_alloc());
	ck_assert_ptr_null(page_alloc());
}
END_TEST

/* What a page of zeros made ahead holds, and who counts it. */
START_TEST(zeros_made_ahead)
{
	static const char zeros[PAGE_SIZE];
	const uint32_t taken = statistic_taken;
	size_t ahead;
	char *page;

	memory_start(1024);
	for (int i = 0; i < 64; i++) /* page_alloc() leaves no page of zeros here */
		page_free(page_alloc());
	page_free(page_zero_alloc()); /* none yet: it is made at once */
	ck_assert_uint_eq(page_zero_count(), 0);
	ck_assert(page_zero_make());
	ck_assert_uint_eq(page_zero_count(), 1); /* in work */
	while (page_zero_make())
		;
	ahead = page_zero_count();
	ck_assert_uint_eq(ahead, 1024 / 16);
	ck_assert_uint_eq(page_count_free(), 1024);
	ck_assert_uint_eq(statistic_taken - taken, 65);
	while ((page = page_zero_alloc()) && page_zero_count() == --ahead && ahead > 3)
		ck_assert_mem_eq(page, zeros, PAGE_SIZE);
	ck_assert_uint_eq(page_zero_count(), 3);
	ck_assert_uint_eq(page_count_free(), 1024 - 61);
	ck_assert_uint_eq(statistic_taken - taken, 65 + 61);
}
END_TEST

/* What was made ahead, half a page too, is there for everybody when nothing else is. */
START_TEST(zeros_go_back)
{
	memory_start(1024);
	for (int pieces = 0; pieces < 40; pieces++)
		ck_assert(page_zero_make());
	ck_assert_uint_eq(page_zero_count(), 3);
	ck_assert_uint_eq(page_zero_reclaim(), 3);
	ck_assert_uint_eq(page_zero_count(), 0);
	ck_assert_uint_eq(page_count_free(), 1024);
	for (int i = 0; i < 1024; i++)
		ck_assert_ptr_nonnull(page_alloc());
	ck_assert_ptr_null(page_alloc());
	ck_assert(!page_zero_make());
	ck_assert_ptr_null(page_zero_alloc());
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("page");
	TCase *tests = tcase_create("page");

	tcase_add_test(tests, every_page_once);
	tcase_add_test(tests, runs_are_aligned_and_join_again);
	tcase_add_test(tests, odd_ranges);
	tcase_add_test(tests, reclaim);
	tcase_add_test(tests, zeros_made_ahead);
	tcase_add_test(tests, zeros_go_back);
	suite_add_tcase(suite, tests);
	return suite;
}
