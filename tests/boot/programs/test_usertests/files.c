/*
 * Contents of files: sizes, truncation, several writers, files that are not in a directory any
 * more.
 */
#include "cases.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define WRITERS 4
#define TURNS   25

/* A file grows by ten bytes at a time and is read in one piece. */
static void small_file(void)
{
	char all[2 * 10 * 100 + 1];
	int fd = open("small", O_CREAT | O_RDWR, 0644);

	want(fd >= 0);
	for (int i = 0; i < 100; i++)
		want(write(fd, "aaaaaaaaaa", 10) == 10 && write(fd, "bbbbbbbbbb", 10) == 10);
	close(fd);
	fd = open("small", O_RDONLY);
	want(read(fd, all, sizeof all) == 2000);
	for (int i = 0; i < 2000; i++)
		want(all[i] == (i / 10 % 2 ? 'b' : 'a'));
	want(read(fd, all, sizeof all) == 0);
	close(fd);
	want(unlink("small") == 0);
}

/* Blocks that know their numbers. */
static void large_file(void)
{
	int block[128], number;
	int fd = open("large", O_CREAT | O_RDWR, 0644);

	for (number = 0; number < 1000; number++) {
		block[0] = number;
		want(write(fd, block, sizeof block) == sizeof block);
	}
	want(lseek(fd, 0, SEEK_SET) == 0);
	for (number = 0; read(fd, block, sizeof block) == sizeof block; number++)
		want(block[0] == number);
	want(number == 1000);
	close(fd);
	want(unlink("large") == 0);
}

/* Writes of sizes that no block divides, up to some pages. */
static void odd_sizes(void)
{
	static char bytes[12 * 512];

	memset(bytes, 's', sizeof bytes);
	for (size_t size = 499; size < sizeof bytes; size += 471) {
		const int fd = open("odd", O_CREAT | O_RDWR, 0644);

		want(write(fd, bytes, size) == (ssize_t)size &&
		     write(fd, bytes, size) == (ssize_t)size);
		close(fd);
		want(case_file_is("odd", 's') == (long)(2 * size));
		want(unlink("odd") == 0);
	}
}

/* Written in pieces of 600, read in pieces of 300. */
static void pieces(void)
{
	char bytes[600];
	int fd = open("pieces", O_CREAT | O_RDWR, 0644);

	for (int i = 0; i < 20; i++) {
		memset(bytes, 'a' + i, sizeof bytes);
		want(write(fd, bytes, 600) == 600);
	}
	want(lseek(fd, 0, SEEK_SET) == 0);
	for (int i = 0; i < 40; i++) {
		want(read(fd, bytes, 300) == 300);
		want(bytes[0] == 'a' + i / 2 && bytes[299] == 'a' + i / 2);
	}
	want(read(fd, bytes, 300) == 0);
	close(fd);
	want(unlink("pieces") == 0);
}

/* A reader's offset lies behind the end when another open truncates. */
static void truncated_under_reader(void)
{
	char bytes[32];
	int reader, writer;

	case_make_file("cut", 'x', 4);
	reader = open("cut", O_RDONLY);
	want(read(reader, bytes, sizeof bytes) == 4);
	writer = open("cut", O_WRONLY | O_TRUNC);
	want(read(reader, bytes, sizeof bytes) == 0);
	want(write(writer, "123456", 6) == 6);
	want(read(reader, bytes, sizeof bytes) == 2 && memcmp(bytes, "56", 2) == 0);
	close(writer);
	close(reader);
	want(unlink("cut") == 0);
}

/* A writer goes on at its offset after a truncation: zeros lie between. */
static void truncated_under_writer(void)
{
	char bytes[8] = "????????";
	int fd = open("cut", O_CREAT | O_RDWR, 0644);

	want(write(fd, "abcd", 4) == 4);
	close(open("cut", O_WRONLY | O_TRUNC));
	want(write(fd, "ef", 2) == 2);
	want(lseek(fd, 0, SEEK_SET) == 0 && read(fd, bytes, 8) == 6);
	want(memcmp(bytes, "\0\0\0\0ef", 6) == 0);
	close(fd);
	want(unlink("cut") == 0);
}

static void write_and_truncate(int number)
{
	for (int i = 0; i < TURNS; i++) {
		const int fd = open("cut", O_CREAT | O_RDWR | (number ? O_TRUNC : 0), 0644);
		char bytes[16];

		want(fd >= 0);
		want(number || write(fd, "xxxxxxxxxx", 10) == 10);
		want(read(fd, bytes, sizeof bytes) >= 0);
		close(fd);
	}
}

static void truncated_at_once(void)
{
	case_fork(write_and_truncate, 0);
	case_fork(write_and_truncate, 1);
	case_await(2);
	want(unlink("cut") == 0);
}

static int shared;

static void write_shared(int number)
{
	char bytes[10];

	memset(bytes, 'a' + number, sizeof bytes);
	for (int i = 0; i < 100; i++)
		want(write(shared, bytes, sizeof bytes) == sizeof bytes);
}

/* Processes with one offset: each byte is there, none over another. */
static void shared_offset(void)
{
	int counts[WRITERS] = { 0 };
	char bytes[100];
	ssize_t got;

	shared = open("shared", O_CREAT | O_RDWR, 0644);
	for (int i = 0; i < WRITERS; i++)
		case_fork(write_shared, i);
	case_await(WRITERS);
	want(lseek(shared, 0, SEEK_SET) == 0);
	while ((got = read(shared, bytes, sizeof bytes)) > 0)
		for (ssize_t i = 0; i < got; i++) {
			want(bytes[i] >= 'a' && bytes[i] < 'a' + WRITERS);
			counts[bytes[i] - 'a']++;
		}
	for (int i = 0; i < WRITERS; i++)
		want(counts[i] == 1000);
	close(shared);
	want(unlink("shared") == 0);
}

static const char *numbered(int number)
{
	static char name[] = "f0";

	name[1] = '0' + number;
	return name;
}

static void write_own(int number)
{
	for (int i = 0; i < 3; i++) {
		case_make_file(numbered(number), 'a' + number, 6000);
		want(case_file_is(numbered(number), 'a' + number) == 6000);
	}
}

static void four_files(void)
{
	for (int i = 0; i < WRITERS; i++)
		case_fork(write_own, i);
	case_await(WRITERS);
	for (int i = 0; i < WRITERS; i++) {
		want(case_file_is(numbered(i), 'a' + i) == 6000);
		want(unlink(numbered(i)) == 0);
	}
}

/* A file without a name can be read and written, and its name used anew. */
static void unlinked_file(void)
{
	char bytes[16];
	int old, fresh;

	case_make_file("name", 'h', 5);
	old = open("name", O_RDWR);
	want(unlink("name") == 0);
	fresh = open("name", O_CREAT | O_RDWR, 0644);
	want(write(fresh, "yyy", 3) == 3);
	want(read(old, bytes, sizeof bytes) == 5 && bytes[0] == 'h');
	want(write(old, "more", 4) == 4);
	close(old);
	want(case_file_is("name", 'y') == 3);
	close(fresh);
	want(unlink("name") == 0);
}

static void hold_unlinked(int number)
{
	const int fd = open("held", O_CREAT | O_RDWR, 0644);

	(void)number;
	want(fd >= 0 && unlink("held") == 0 && write(fd, "gone", 4) == 4);
}

/* The end of a process is the end of files that only it has. */
static void end_with_unlinked(void)
{
	for (int i = 0; i < 20; i++) {
		case_fork(hold_unlinked, i);
		case_await(1);
		want(access("held", F_OK) == -1);
	}
}

/* Until memory is out: then the error says so, and all of it comes back with the file. */
static void full(void)
{
	static char bytes[32768];
	const int fd = open("full", O_CREAT | O_RDWR, 0644);
	ssize_t wrote;

	while ((wrote = write(fd, bytes, sizeof bytes)) == sizeof bytes)
		;
	want(wrote >= 0 || errno == ENOSPC || errno == ENOMEM);
	if (wrote >= 0)
		want_errno(write(fd, bytes, sizeof bytes), ENOSPC);
	close(fd);
	want(unlink("full") == 0);
	case_make_file("again", 'z', 100000);
	want(case_file_is("again", 'z') == 100000);
	want(unlink("again") == 0);
}

/* Refused writes take no page. */
static void refused_writes(void)
{
	for (int i = 0; i < 200; i++) {
		const int fd = open("bad", O_CREAT | O_WRONLY, 0644);

		want_errno(write(fd, (void *)0xffffff00, 1), EFAULT);
		close(fd);
		want(unlink("bad") == 0);
	}
}

const struct user_case file_cases[] = {
	{ "small file", small_file },
	{ "large file", large_file },
	{ "odd sizes", odd_sizes },
	{ "pieces", pieces },
	{ "truncated under a reader", truncated_under_reader },
	{ "truncated under a writer", truncated_under_writer },
	{ "truncated at once", truncated_at_once },
	{ "shared offset", shared_offset },
	{ "four files", four_files },
	{ "unlinked file", unlinked_file },
	{ "end with an unlinked file", end_with_unlinked },
	{ "full", full },
	{ "refused writes", refused_writes },
	{ NULL, NULL },
};
