/*
 * The model of the caches behind `make conflicts`: counts that were worked out by hand.
 */
#include <stdlib.h>
#include "tests/host/support.h"
#include "tools/coherence/model.h"
#include "tools/coherence/sites.h"

#define ADDRESS 0x123000

static struct model model;

/* Two processors, 4 KB in two ways: 32 sets. */
static void setup(void)
{
	ck_assert(model_init(&model, 2, 4096, 2));
}

static void touch(unsigned processor, uint64_t address, bool store)
{
	model_access(&model, processor, address, address, 4, store);
}

static void check(unsigned processor, uint64_t cold, uint64_t capacity, uint64_t coherence,
		  uint64_t false_sharing, uint64_t upgrades, uint64_t transfers)
{
	const struct counts *counts = &model.counts[processor];

	ck_assert_uint_eq(counts->cold, cold);
	ck_assert_uint_eq(counts->capacity, capacity);
	ck_assert_uint_eq(counts->coherence, coherence);
	ck_assert_uint_eq(counts->false_sharing, false_sharing);
	ck_assert_uint_eq(counts->upgrades, upgrades);
	ck_assert_uint_eq(counts->transfers, transfers);
}

START_TEST(wrong_sizes_are_refused)
{
	struct model other;

	ck_assert(!model_init(&other, 2, 4096, 0));
	ck_assert(!model_init(&other, 2, 4096 + 64, 2));
	ck_assert(!model_init(&other, 2, 3 * 4096, 2));
	ck_assert(!model_init(&other, PROCESSORS_MAX + 1, 4096, 2));
}
END_TEST

START_TEST(first_touch_is_cold)
{
	setup();
	touch(0, ADDRESS, false);
	touch(0, ADDRESS + 60, true);
	touch(0, ADDRESS + 64, false);
	check(0, 2, 0, 0, 0, 0, 0);
	check(1, 0, 0, 0, 0, 0, 0);
	ck_assert_uint_eq(model.counts[0].accesses, 3);
}
END_TEST

/* Three lines of one set, in two ways: the one not used for longest goes. */
START_TEST(oldest_is_replaced)
{
	const uint64_t a = ADDRESS, b = a + 32 * 64, c = b + 32 * 64;

	setup();
	touch(0, a, true);
	touch(0, b, false);
	touch(0, a, false);
	touch(0, c, false); /* takes the place of b */
	touch(0, a, false);
	check(0, 3, 0, 0, 0, 0, 0);
	touch(0, b, false); /* takes that of c */
	touch(0, c, false); /* and that of a */
	touch(0, a, false);
	check(0, 3, 3, 0, 0, 0, 0);
}
END_TEST

START_TEST(reading_together_is_free)
{
	setup();
	for (int i = 0; i < 10; i++) {
		touch(0, ADDRESS, false);
		touch(1, ADDRESS, false);
	}
	check(0, 1, 0, 0, 0, 0, 0);
	check(1, 1, 0, 0, 0, 0, 0);
	ck_assert(!model_line_conflicts(&model, model.touched[0]));
}
END_TEST

/* Each reads a word and writes to it, in turn: a miss, a transfer and an upgrade each time. */
START_TEST(true_sharing)
{
	setup();
	for (int i = 0; i < 10; i++)
		for (unsigned processor = 0; processor < 2; processor++) {
			touch(processor, ADDRESS, false);
			touch(processor, ADDRESS, true);
		}
	/* The first processor was alone at first, and so owns the line without an upgrade, nor
	 * shares it. */
	check(0, 1, 0, 9, 0, 9, 9);
	check(1, 1, 0, 9, 0, 10, 10);
	ck_assert(model_line_conflicts(&model, model.touched[0]));
	ck_assert(model_line_is_true(&model, model.touched[0]));
}
END_TEST

START_TEST(false_sharing)
{
	setup();
	for (int i = 0; i < 10; i++)
		for (unsigned processor = 0; processor < 2; processor++)
			touch(processor, ADDRESS + 4 * processor, true);
	check(0, 1, 0, 9, 9, 0, 9);
	check(1, 1, 0, 9, 9, 0, 10);
	ck_assert(model_line_conflicts(&model, model.touched[0]));
	ck_assert(!model_line_is_true(&model, model.touched[0]));
}
END_TEST

/* A miss is decided by what is touched while the line is there, not by its first word alone. */
START_TEST(sharing_shows_later)
{
	setup();
	touch(0, ADDRESS, false);
	touch(1, ADDRESS + 8, true);
	touch(0, ADDRESS, false);
	check(0, 1, 0, 1, 1, 0, 1);
	touch(0, ADDRESS + 8, false);
	check(0, 1, 0, 1, 0, 0, 1);
}
END_TEST

/* What the others write while the line is lost adds up; what came before it was lost does not
 * count. */
START_TEST(writes_add_up)
{
	setup();
	touch(0, ADDRESS, false);
	touch(1, ADDRESS + 8, true);
	touch(1, ADDRESS + 12, true);
	touch(0, ADDRESS + 12, false);
	check(0, 1, 0, 1, 0, 0, 1);
	touch(1, ADDRESS + 16, true);
	touch(0, ADDRESS + 8, false);
	check(0, 1, 0, 2, 1, 0, 2);
}
END_TEST

START_TEST(access_over_two_lines)
{
	setup();
	model_access(&model, 0, ADDRESS + 62, ADDRESS + 62, 4, true);
	check(0, 2, 0, 0, 0, 0, 0);
	ck_assert_uint_eq(model.touched[0]->holders[0].written, 3ull << 62);
	ck_assert_uint_eq(model.touched[1]->holders[0].written, 3);
	/* The next page may be anywhere. */
	model_access(&model, 0, ADDRESS + 4094, ADDRESS + 4094, 4, true);
	check(0, 3, 0, 0, 0, 0, 0);
}
END_TEST

START_TEST(windows_forget_counts_but_not_caches)
{
	setup();
	touch(0, ADDRESS, true);
	model_open_window(&model);
	ck_assert_uint_eq(model.touched_count, 0);
	touch(0, ADDRESS, false);
	check(0, 0, 0, 0, 0, 0, 0);
	touch(1, ADDRESS, false);
	check(1, 1, 0, 0, 0, 0, 1);
	/* Nobody wrote in this window. */
	ck_assert(!model_line_conflicts(&model, model.touched[0]));
}
END_TEST

/* The miss lies in the window before: that this one shows it as true changes no count of this one.
 */
START_TEST(sharing_that_shows_in_the_next_window)
{
	setup();
	touch(0, ADDRESS, false);
	touch(1, ADDRESS + 8, true);
	touch(0, ADDRESS, false);
	model_open_window(&model);
	touch(0, ADDRESS + 8, false);
	check(0, 0, 0, 0, 0, 0, 0);
}
END_TEST

START_TEST(sites_are_counted)
{
	struct sites sites = { 0 };

	sites_clear(&sites);
	for (uint32_t i = 0; i < 100000; i++)
		sites_count(&sites, i % 2, 0x1000 + i % 50000, 1, i % 2);
	sites_count(&sites, 0, 0x1000, 1, 0);
	ck_assert_uint_eq(sites_sort(&sites), 50000);
	ck_assert_uint_eq(sites.table[0].line, 0);
	ck_assert_uint_eq(sites.table[0].code, 0x1000);
	ck_assert_uint_eq(sites.table[0].count, 3);
	ck_assert_uint_eq(sites.table[25000].line, 1);
	ck_assert_uint_eq(sites.table[25000].count, 2);
	free(sites.table);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("coherence");
	TCase *tests = tcase_create("coherence");

	tcase_add_test(tests, wrong_sizes_are_refused);
	tcase_add_test(tests, first_touch_is_cold);
	tcase_add_test(tests, oldest_is_replaced);
	tcase_add_test(tests, reading_together_is_free);
	tcase_add_test(tests, true_sharing);
	tcase_add_test(tests, false_sharing);
	tcase_add_test(tests, sharing_shows_later);
	tcase_add_test(tests, writes_add_up);
	tcase_add_test(tests, access_over_two_lines);
	tcase_add_test(tests, windows_forget_counts_but_not_caches);
	tcase_add_test(tests, sharing_that_shows_in_the_next_window);
	tcase_add_test(tests, sites_are_counted);
	suite_add_tcase(suite, tests);
	return suite;
}
