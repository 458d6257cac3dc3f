/*
 * Kernel object caches and the size classes on top of them.
 */
#include <string.h>
#include "kernel/mem/page.h"
#include "kernel/mem/slab.h"
#include "tests/host/support.h"

#define OBJECTS 1000

START_TEST(objects_do_not_overlap)
{
	static char *objects[OBJECTS];
	struct slab_cache cache;

	memory_start(1024);
	slab_cache_init(&cache, "test", 100, 16);
	ck_assert_uint_eq(cache.object_size, 112);
	for (int i = 0; i < OBJECTS; i++) {
		objects[i] = slab_alloc(&cache);
		ck_assert_uint_eq((uintptr_t)objects[i] % 16, 0);
		memset(objects[i], i, 112);
	}
	ck_assert_uint_eq(cache.in_use, OBJECTS);
	for (int i = 0; i < OBJECTS; i++) {
		ck_assert_int_eq(objects[i][0], (char)i);
		ck_assert_int_eq(objects[i][111], (char)i);
	}
	for (int i = 0; i < OBJECTS; i++)
		slab_free(&cache, objects[i * 7 % OBJECTS]);
	ck_assert_uint_eq(cache.in_use, 0);
	ck_assert_uint_eq(slab_count_empty(), 1);
	memory_check_free(1024);
}
END_TEST

START_TEST(zeroed)
{
	struct slab_cache cache;
	unsigned char *object;

	memory_start(1024);
	slab_cache_init(&cache, "test", 64, 8);
	object = slab_alloc(&cache);
	memset(object, 0xff, 64);
	slab_free(&cache, object);
	object = slab_alloc_zeroed(&cache);
	for (int i = 0; i < 64; i++)
		ck_assert_uint_eq(object[i], 0);
}
END_TEST

START_TEST(out_of_memory)
{
	struct slab_cache cache;

	memory_start(1024);
	slab_cache_init(&cache, "test", 64, 8);
	memory_fail_at(1);
	ck_assert_ptr_null(slab_alloc(&cache));
	ck_assert_ptr_nonnull(slab_alloc(&cache));
}
END_TEST

/* What one cache keeps ready is another one's, before anything fails. */
START_TEST(caches_give_back)
{
	struct slab_cache keeps, wants;

	memory_start(1024);
	slab_cache_init(&keeps, "keeps", 64, 8);
	slab_cache_init(&wants, "wants", 64, 8);
	slab_free(&keeps, slab_alloc(&keeps));
	while (page_count_free() > 0)
		ck_assert_ptr_nonnull(page_take());
	ck_assert_uint_eq(slab_count_empty(), 1);
	ck_assert_ptr_null(page_take());
	ck_assert_uint_eq(slab_count_empty(), 1);
	ck_assert_ptr_nonnull(slab_alloc(&wants));
	ck_assert_uint_eq(slab_count_empty(), 0);
	ck_assert_ptr_null(slab_alloc(&keeps));
}
END_TEST

START_TEST(every_size)
{
	memory_start(1024);
	for (size_t size = 1; size <= SLAB_OBJECT_MAX; size++) {
		char *object = kmem_alloc(size);
		ck_assert_ptr_nonnull(object);
		ck_assert_uint_ge(kmem_usable_size(size), size);
		memset(object, 1, kmem_usable_size(size));
		kmem_free(object, size);
	}
	memory_check_free(1024);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("slab");
	TCase *tests = tcase_create("slab");

	tcase_add_test(tests, objects_do_not_overlap);
	tcase_add_test(tests, zeroed);
	tcase_add_test(tests, caches_give_back);
	tcase_add_test(tests, out_of_memory);
	tcase_add_test(tests, every_size);
	suite_add_tcase(suite, tests);
	return suite;
}
