/*
 * The RAM file system: paths, directories, content, archives; and what becomes of them when memory
 * runs out at any point.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <castle/errno.h>
#include "kernel/fs/inode.h"
#include "kernel/fs/path.h"
#include "kernel/fs/ustar.h"
#include "kernel/mem/page.h"
#include "kernel/mem/slab.h"
#include "tests/host/paths.h"
#include "tests/host/support.h"

#define PAGES 4096

static struct inode *root;
static size_t pages_at_start;

static void file_system_start(void)
{
	memory_start(PAGES);
	ck_assert_int_eq(inode_root_create(), 0);
	root = inode_root();
	/* One of each, so that caches and the root's table are there. */
	path_mkdir(root, "/x", 0755);
	path_rmdir(root, "/x");
	slab_reclaim();
	pages_at_start = page_count_free();
}

static int create(const char *path)
{
	struct inode *inode;
	const int error = path_open(root, path, CASTLE_O_RDWR | CASTLE_O_CREAT, 0644, &inode);

	if (!error)
		inode_release(inode);
	return error;
}

static int lookup(const char *path)
{
	struct inode *inode;
	const int error = path_lookup(root, path, &inode);

	if (!error)
		inode_release(inode);
	return error;
}

START_TEST(paths)
{
	file_system_start();
	ck_assert_int_eq(path_mkdir(root, "/a", 0755), 0);
	ck_assert_int_eq(path_mkdir(root, "a/b", 0755), 0);
	ck_assert_int_eq(create("/a/b/file"), 0);
	ck_assert_int_eq(lookup("//a/./b/../b//file"), 0);
	ck_assert_int_eq(lookup("/a/b/file/"), -ENOTDIR);
	ck_assert_int_eq(lookup("/a/b/file/.."), -ENOTDIR);
	ck_assert_int_eq(lookup("/a/none"), -ENOENT);
	ck_assert_int_eq(lookup(""), -ENOENT);
	ck_assert_int_eq(lookup("/"), 0);
	ck_assert_int_eq(lookup("/.."), 0);
	ck_assert_int_eq(path_rmdir(root, "/a/b"), -ENOTEMPTY);
	ck_assert_int_eq(path_unlink(root, "/a/b"), -EPERM);
	ck_assert_int_eq(path_rename(root, "/a", "/a/b/c"), -EINVAL);
	ck_assert_int_eq(path_rename(root, "/a/b/file", "/f"), 0);
	ck_assert_int_eq(lookup("/f"), 0);
	ck_assert_int_eq(path_unlink(root, "/f"), 0);
	ck_assert_int_eq(path_rmdir(root, "/a/b"), 0);
	ck_assert_int_eq(path_rmdir(root, "/a"), 0);
	memory_check_free(pages_at_start);
}
END_TEST

START_TEST(names_of_every_length)
{
	char path[400] = "/";

	file_system_start();
	for (int length = 1; length <= CASTLE_NAME_MAX; length++) {
		path[length] = 'n';
		path[length + 1] = '\0';
		ck_assert_int_eq(create(path), 0);
		ck_assert_int_eq(lookup(path), 0);
	}
	strcat(path, "n");
	ck_assert_int_eq(create(path), -ENAMETOOLONG);
	for (int length = CASTLE_NAME_MAX; length >= 1; length--) {
		path[length + 1] = '\0';
		ck_assert_int_eq(path_unlink(root, path), 0);
	}
}
END_TEST

/* A model of a file: an array, and a size. */
#define MODEL_MAX 200000
static char model[MODEL_MAX], buffer[MODEL_MAX];
static uint32_t model_size;

static void model_write(struct inode *inode, uint32_t offset, uint32_t size, int seed)
{
	for (uint32_t i = 0; i < size; i++)
		buffer[i] = seed + i * 31;
	ck_assert_int_eq(inode_write(inode, offset, buffer, size), size);
	if (offset > model_size)
		memset(model + model_size, 0, offset - model_size);
	memcpy(model + offset, buffer, size);
	if (size > 0 && offset + size > model_size)
		model_size = offset + size;
}

static void model_truncate(struct inode *inode, uint32_t size)
{
	ck_assert_int_eq(inode_truncate(inode, size), 0);
	if (size > model_size)
		memset(model + model_size, 0, size - model_size);
	model_size = size;
}

/* Random writes and truncations agree with the model, also where the layout changes. */
START_TEST(content)
{
	static const uint32_t sizes[] = { 1,    100,  127,  128,  129,  2031,  2032,
					  2033, 4095, 4096, 4097, 8192, 30000, 100000 };
	struct inode *inode;

	file_system_start();
	ck_assert_int_eq(path_open(root, "/f", CASTLE_O_RDWR | CASTLE_O_CREAT, 0644, &inode), 0);
	srand(1);
	model_size = 0;
	for (int i = 0; i < 3000; i++) {
		const uint32_t size = sizes[rand() % (sizeof sizes / sizeof *sizes)];
		if (rand() % 4 == 0)
			model_truncate(inode, rand() % 3 ? size : 0);
		else
			model_write(inode, rand() % 100000, rand() % size, i);
		ck_assert_int_eq(inode_read(inode, 0, buffer, MODEL_MAX), model_size);
		ck_assert_mem_eq(buffer, model, model_size);
	}
	inode_truncate(inode, 0);
	inode_release(inode);
	path_unlink(root, "/f");
}
END_TEST

START_TEST(large_content)
{
	struct inode *inode;
	uint32_t word;

	file_system_start();
	ck_assert_int_eq(path_open(root, "/f", CASTLE_O_RDWR | CASTLE_O_CREAT, 0644, &inode), 0);
	/* Sparse, beyond the reach of one index page. */
	for (uint32_t at = 0; at < 0x10000000; at += 0x1000000)
		ck_assert_int_eq(inode_write(inode, at, &at, sizeof at), sizeof at);
	for (uint32_t at = 0; at < 0x10000000; at += 0x1000000) {
		ck_assert_int_eq(inode_read(inode, at, &word, sizeof word), sizeof word);
		ck_assert_uint_eq(word, at);
	}
	ck_assert_int_eq(inode_write(inode, 0x7fffffff, "xyz", 3), -EFBIG);
	inode_release(inode);
	path_unlink(root, "/f");
	memory_check_free(pages_at_start);
}
END_TEST

START_TEST(faults_in_the_program_s_memory)
{
	struct inode *inode;

	file_system_start();
	path_open(root, "/f", CASTLE_O_RDWR | CASTLE_O_CREAT, 0644, &inode);
	user_memory_bad(buffer + 8192, 1);
	ck_assert_int_eq(inode_write_user(inode, 0, (user_addr_t)(buffer + 8192), 100), -EFAULT);
	ck_assert_int_eq(inode_write_user(inode, 0, (user_addr_t)buffer, 20000), 8192);
	ck_assert_int_eq(inode_read_user(inode, 0, (user_addr_t)(buffer + 8192), 100), -EFAULT);
	ck_assert_int_eq(inode_read_user(inode, 0, (user_addr_t)(buffer + 4096), 8192), 4096);
	user_memory_bad(NULL, 0);
	inode_release(inode);
	path_unlink(root, "/f");
	memory_check_free(pages_at_start);
}
END_TEST

/* A write into a hole that fails must not show what the fresh page held before. */
START_TEST(a_failed_write_leaves_a_hole_zero)
{
	static char back[3 * 4096];
	struct inode *inode;

	file_system_start();
	path_open(root, "/f", CASTLE_O_RDWR | CASTLE_O_CREAT, 0644, &inode);
	ck_assert_int_eq(inode_truncate(inode, sizeof back), 0);
	user_memory_bad(buffer + 8192, 1);
	ck_assert_int_eq(inode_write_user(inode, 4096 + 100, (user_addr_t)(buffer + 8192), 200),
			 -EFAULT);
	user_memory_bad(NULL, 0);
	ck_assert_int_eq(inode_read(inode, 0, back, sizeof back), sizeof back);
	for (size_t i = 0; i < sizeof back; i++)
		ck_assert_int_eq(back[i], 0);
	inode_release(inode);
	path_unlink(root, "/f");
	memory_check_free(pages_at_start);
}
END_TEST

/* Does a bit of everything; errors are fine, leaks and damage are not. */
static void a_bit_of_everything(void)
{
	static char big[20000];
	struct inode *inode;
	char path[32];

	path_mkdir(root, "/d", 0755);
	for (int i = 0; i < 200; i++) {
		snprintf(path, sizeof path, "/d/file-%d", i);
		create(path);
	}
	if (path_open(root, "/f", CASTLE_O_RDWR | CASTLE_O_CREAT, 0644, &inode) == 0) {
		inode_write(inode, 0, big, 50);
		inode_write(inode, 0, big, 1500);
		inode_write(inode, 0, big, sizeof big);
		inode_write(inode, 0x800000, big, 1);
		inode_release(inode);
	}
	path_link(root, "/f", "/d/link");
	path_rename(root, "/f", "/d/renamed");
}

static void remove_everything(void)
{
	char path[32];

	for (int i = 0; i < 200; i++) {
		snprintf(path, sizeof path, "/d/file-%d", i);
		path_unlink(root, path);
	}
	path_unlink(root, "/d/link");
	path_unlink(root, "/d/renamed");
	path_unlink(root, "/f");
	path_rmdir(root, "/d");
}

START_TEST(memory_runs_out_anywhere)
{
	file_system_start();
	a_bit_of_everything();
	remove_everything();
	memory_check_free(pages_at_start);
	for (unsigned n = 1;; n++) {
		memory_fail_at(n);
		a_bit_of_everything();
		const int failed = memory_has_failed();
		memory_fail_at(0);
		remove_everything();
		memory_check_free(pages_at_start);
		ck_assert_int_eq(lookup("/d"), -ENOENT);
		if (!failed)
			break;
		ck_assert_uint_lt(n, 1000);
	}
}
END_TEST

/* A ustar archive of one directory and two files. */
static unsigned char archive[512 * 8];

static void header_make(unsigned char *header, const char *name, char type, unsigned size)
{
	unsigned sum = 0;

	memset(header, 0, 512);
	strcpy((char *)header, name);
	strcpy((char *)header + 100, "0000644");
	snprintf((char *)header + 124, 12, "%011o", size);
	header[156] = type;
	memcpy(header + 257, "ustar\00000", 8);
	memset(header + 148, ' ', 8);
	for (int i = 0; i < 512; i++)
		sum += header[i];
	snprintf((char *)header + 148, 8, "%06o", sum);
}

static void archive_make(void)
{
	memset(archive, 0, sizeof archive);
	header_make(archive, "etc", '5', 0);
	header_make(archive + 512, "etc/one", '0', 3);
	memcpy(archive + 1024, "one", 3);
	header_make(archive + 1536, "./new/dir/two", '0', 600);
	memset(archive + 2048, '2', 600);
}

START_TEST(unpacking)
{
	struct inode *inode;

	file_system_start();
	archive_make();
	ck_assert_int_eq(ustar_unpack(archive, sizeof archive), 2);
	ck_assert_int_eq(path_lookup(root, "/etc/one", &inode), 0);
	ck_assert_int_eq(inode_read(inode, 0, buffer, 100), 3);
	ck_assert_mem_eq(buffer, "one", 3);
	inode_release(inode);
	ck_assert_int_eq(lookup("/new/dir/two"), 0);
}
END_TEST

START_TEST(unpacking_damaged_archives)
{
	file_system_start();
	for (size_t size = 0; size < sizeof archive; size += 7) {
		unsigned char *copy = malloc(size ? size : 1);
		archive_make();
		memcpy(copy, archive, size);
		ustar_unpack(copy, size);
		free(copy);
	}
	for (int at = 0; at < 2048; at++) {
		archive_make();
		archive[at] ^= 0xff;
		const int result = ustar_unpack(archive, sizeof archive);
		/* A header is under its checksum but for the byte behind that, content is not. */
		if (at % 512 != 155 && at / 512 != 2)
			ck_assert_int_eq(result, -EINVAL);
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("ramfs");
	TCase *tests = tcase_create("ramfs");

	tcase_set_timeout(tests, 120);
	tcase_add_test(tests, paths);
	tcase_add_test(tests, names_of_every_length);
	tcase_add_test(tests, content);
	tcase_add_test(tests, large_content);
	tcase_add_test(tests, faults_in_the_program_s_memory);
	tcase_add_test(tests, a_failed_write_leaves_a_hole_zero);
	tcase_add_test(tests, memory_runs_out_anywhere);
	tcase_add_test(tests, unpacking);
	tcase_add_test(tests, unpacking_damaged_archives);
	suite_add_tcase(suite, tests);
	return suite;
}
