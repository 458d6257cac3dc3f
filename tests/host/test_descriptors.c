/*
 * Descriptor tables: who holds a reference to a file when, and that the table's errors leave it
 * with its owner.
 */
#include <string.h>
#include <castle/abi.h>
#include <castle/errno.h>
#include "kernel/fs/file_table.h"
#include "kernel/fs/inode.h"
#include "kernel/fs/path.h"
#include "kernel/mem/page.h"
#include "kernel/mem/slab.h"
#include "tests/host/support.h"

#define PAGES 1024
#define FULL  (CASTLE_OPEN_MAX / 2) /* pointers are larger here: a larger table is no object */

static struct file_table table;
static int releases; /* of files */

static int no_bytes(struct file *file, user_addr_t buffer, uint32_t size)
{
	(void)file, (void)buffer, (void)size;
	return 0;
}

static void count_release(struct file *file)
{
	(void)file;
	releases++;
}

static const struct file_ops counting_ops = { .read = no_bytes, .release = count_release };

static struct file *new_file(void)
{
	return file_create(&counting_ops, CASTLE_O_RDONLY, NULL, NULL);
}

static void start(void)
{
	memory_start(PAGES);
	file_init_cache();
	memset(&table, 0, sizeof table);
	file_table_init(&table);
	releases = 0;
}

/* close() by another thread takes a call's file away only when the call gives it back. */
START_TEST(a_call_keeps_its_file)
{
	struct file *file;

	start();
	ck_assert_int_eq(file_table_add(&table, new_file(), 0, false), 0);
	file = file_table_get(&table, 0);
	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(file_table_close(&table, 0), 0);
	ck_assert_ptr_null(file_table_get(&table, 0));
	ck_assert_int_eq(releases, 0);
	file_release(file);
	ck_assert_int_eq(releases, 1);
	ck_assert_int_eq(file_table_close(&table, 0), -EBADF);
}
END_TEST

START_TEST(each_descriptor_keeps_its_file)
{
	start();
	ck_assert_int_eq(file_table_add(&table, new_file(), 0, false), 0);
	ck_assert_int_eq(file_table_add(&table, new_file(), 3, false), 3);
	ck_assert_int_eq(file_table_dup2(&table, 0, 0), 0);
	ck_assert_int_eq(file_table_dup2(&table, 0, 3), 3);
	ck_assert_int_eq(releases, 1); /* what was at 3 */
	ck_assert_int_eq(file_table_dup2(&table, 0, CASTLE_OPEN_MAX), -EBADF);
	ck_assert_int_eq(file_table_dup2(&table, 0, -1), -EBADF);
	ck_assert_int_eq(file_table_dup2(&table, 5, 6), -EBADF);
	file_table_close(&table, 0);
	ck_assert_int_eq(releases, 1);
	file_table_close(&table, 3);
	ck_assert_int_eq(releases, 2);
}
END_TEST

START_TEST(closing_on_exec_and_copies)
{
	struct file_table copy = { 0 };

	start();
	file_table_init(&copy);
	file_table_add(&table, new_file(), 0, false);
	file_table_add(&table, new_file(), 0, true);
	ck_assert_int_eq(file_table_cloexec(&table, 0), 0);
	ck_assert_int_eq(file_table_cloexec(&table, 1), 1);
	ck_assert_int_eq(file_table_cloexec(&table, 2), -EBADF);
	ck_assert_int_eq(file_table_set_cloexec(&table, 2, true), -EBADF);
	ck_assert_int_eq(file_table_set_cloexec(&table, -1, true), -EBADF);
	ck_assert_int_eq(file_table_copy(&copy, &table, true), 0);
	file_table_close_all(&table);
	ck_assert_int_eq(releases, 1); /* the other one is the copy's, too */
	ck_assert_int_eq(file_table_set_cloexec(&copy, 0, true), 0);
	file_table_close_cloexec(&copy);
	ck_assert_int_eq(releases, 2);
	file_table_close_all(&copy);
}
END_TEST

/* The table grows; what cannot be added stays the caller's. */
START_TEST(many_descriptors)
{
	struct file *file;
	size_t pages;

	start();
	file_release(new_file());
	slab_reclaim();
	pages = page_count_free();
	file = new_file();
	for (int fd = 0; fd < FULL; fd++)
		ck_assert_int_eq(file_table_add(&table, file_reference(file), 0, false), fd);
	ck_assert_int_eq(file_table_add(&table, file, CASTLE_OPEN_MAX, false), -EMFILE);
	file_release(file);
	ck_assert_int_eq(releases, 1);
	file_table_close_all(&table);
	ck_assert_int_eq(releases, 2);
	memory_check_free(pages);
}
END_TEST

START_TEST(memory_runs_out)
{
	struct file *file;

	start();
	file = new_file();
	slab_reclaim();
	memory_fail_at(1);
	while (page_count_free() > 0 && !memory_has_failed())
		kmem_alloc(SLAB_OBJECT_MAX);
	memory_fail_at(1);
	ck_assert_int_eq(file_table_add(&table, file, FULL - 1, false), -ENOMEM);
	memory_fail_at(1);
	ck_assert_int_eq(file_table_set(&table, FULL - 1, file, false), -ENOMEM);
	memory_fail_at(0);
	ck_assert_int_eq(releases, 0);
	ck_assert_int_eq(file_table_add(&table, file, FULL - 1, false), FULL - 1);
	file_table_close_all(&table);
	ck_assert_int_eq(releases, 1);
}
END_TEST

START_TEST(opening_at_a_descriptor)
{
	struct file *file;

	start();
	ck_assert_int_eq(inode_root_create(), 0);
	ck_assert_int_eq(file_table_open_at(&table, inode_root(), 4, (user_addr_t) "none",
					    CASTLE_O_RDONLY, 0),
			 -ENOENT);
	ck_assert_int_eq(file_table_open_at(&table, inode_root(), 4, (user_addr_t) "new",
					    CASTLE_O_RDWR | CASTLE_O_CREAT, 0600),
			 4);
	/* The descriptor keeps the inode after its name has gone. */
	ck_assert_int_eq(path_unlink(inode_root(), "new"), 0);
	file = file_table_get(&table, 4);
	ck_assert(file_is_readable(file) && file_is_writable(file));
	ck_assert_int_eq(file->ops->write(file, (user_addr_t) "abc", 3), 3);
	ck_assert_uint_eq(inode_size(file->inode), 3);
	file_release(file);
	file_table_close_all(&table);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("descriptors");
	TCase *tests = tcase_create("descriptors");

	tcase_add_test(tests, a_call_keeps_its_file);
	tcase_add_test(tests, each_descriptor_keeps_its_file);
	tcase_add_test(tests, closing_on_exec_and_copies);
	tcase_add_test(tests, many_descriptors);
	tcase_add_test(tests, memory_runs_out);
	tcase_add_test(tests, opening_at_a_descriptor);
	suite_add_tcase(suite, tests);
	return suite;
}
