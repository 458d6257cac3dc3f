/*
 * Files: open, read, write, lseek, stat, truncate, append, links, and the errors that POSIX gives.
 */
#include "common/tap.h"

#include <castle/abi.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_NAME "/tmp/test-file"

static char buffer[65536], copy[65536];

static int create(const char *path)
{
	return open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
}

static void test_open(void)
{
	char name[400];

	memset(name, 'n', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	ok_errno(open("/tmp/none", O_RDONLY), ENOENT, "open of nothing");
	ok_errno(open("", O_RDONLY), ENOENT, "open of an empty path");
	ok_errno(open("/share/hello.txt/x", O_RDONLY), ENOTDIR, "open below a file");
	ok_errno(open("/share/hello.txt/", O_RDONLY), ENOTDIR, "a file with a slash behind it");
	ok_errno(open("/tmp", O_WRONLY), EISDIR, "open of a directory for writing");
	ok_errno(open("/share/hello.txt", O_RDONLY | O_DIRECTORY), ENOTDIR,
		 "O_DIRECTORY of a file");
	ok_errno(open("/share/hello.txt", O_CREAT | O_EXCL | O_RDWR, 0600), EEXIST, "O_EXCL");
	ok_errno(open("/bin/true", O_RDWR), EROFS, "open of a program for writing");
	ok_errno(open("/tmp/x", O_CREAT | O_ACCMODE, 0600), EINVAL, "a bad access mode");
	ok_errno(open(name, O_RDONLY), ENAMETOOLONG, "too long a name");
	ok_errno(open("/tmp/none/x", O_CREAT | O_RDWR, 0600), ENOENT, "creation in no directory");
	ok_errno(open("/tmp/new/", O_CREAT | O_RDWR, 0600), EISDIR, "creation with a slash behind");
	ok_errno(close(77), EBADF, "close of what is not open");
	ok_errno(close(-1), EBADF, "close of -1");
}

static void test_path_forms(void)
{
	struct stat a, b;

	ok(stat("/share/hello.txt", &a) == 0, "stat");
	ok(stat("//share//./../share/hello.txt", &b) == 0 && a.st_ino == b.st_ino,
	   "dots and repeated slashes");
	ok(stat("/../..", &a) == 0 && stat("/", &b) == 0 && a.st_ino == b.st_ino,
	   "the root's parent is the root");
	ok_is(chdir("/share"), 0, "chdir");
	ok(stat("hello.txt", &a) == 0, "a relative path");
	ok(strcmp(getcwd(buffer, sizeof buffer), "/share") == 0, "getcwd");
	ok_errno(getcwd(buffer, 3) ? 0 : -1, ERANGE, "getcwd into too little");
	ok_errno(chdir("/share/hello.txt"), ENOTDIR, "chdir to a file");
	ok_errno(chdir("/none"), ENOENT, "chdir to nothing");
	chdir("/");
}

/* A path of slashes and then "share", of `length` characters, which begins `offset` beyond a word.
 */
static int open_long(size_t length, size_t offset)
{
	char *path = buffer + offset;

	memset(path, '/', length);
	memcpy(path + length - 5, "share", 6);
	return open(path, O_RDONLY);
}

/* The kernel copies paths a word at a time where it can. */
static void test_path_lengths(void)
{
	unsigned wrong = 0;

	for (size_t offset = 0; offset < 4; offset++) {
		for (size_t length = CASTLE_PATH_MAX - 6; length < CASTLE_PATH_MAX + 6; length++) {
			const int fd = open_long(length, offset);

			if (length < CASTLE_PATH_MAX)
				wrong += fd < 0 || close(fd) != 0;
			else
				wrong += fd != -1 || errno != ENAMETOOLONG;
		}
	}
	ok_is(wrong, 0, "paths of about the longest that can be");
	ok_is(chdir("/tmp"), 0, "in a folder");
	ok(close(create("/tmp/one")) == 0 && rename("/tmp/one", "two") == 0 &&
		   link("two", "/tmp/three") == 0 && link("/tmp/three", "four") == 0,
	   "one path is relative and the other is not");
	ok(unlink("two") == 0 && unlink("three") == 0 && unlink("four") == 0 && chdir("/") == 0,
	   "all are where they should be");
}

static void test_read_write(void)
{
	const int fd = create(FILE_NAME);
	const int reader = open(FILE_NAME, O_RDONLY), writer = open(FILE_NAME, O_WRONLY);

	ok(fd >= 0, "create");
	for (unsigned i = 0; i < sizeof buffer; i++)
		buffer[i] = i * 7 + i / 256;
	ok_is(write(fd, buffer, 100), 100, "write a little");
	ok_is(write(fd, buffer + 100, sizeof buffer - 100), sizeof buffer - 100, "write a lot");
	ok_is(lseek(fd, 0, SEEK_CUR), sizeof buffer, "the offset has moved");
	ok_is(read(fd, copy, 1), 0, "reading at the end gives nothing");
	ok_is(lseek(fd, 0, SEEK_SET), 0, "lseek to the start");
	ok_is(read(fd, copy, sizeof copy), sizeof copy, "read it all");
	ok(memcmp(buffer, copy, sizeof copy) == 0, "what was written is read");
	ok_is(lseek(fd, -6, SEEK_END), sizeof buffer - 6, "lseek from the end");
	ok_is(read(fd, copy, 100), 6, "a read stops at the end");
	ok_errno(lseek(fd, -1, SEEK_SET), EINVAL, "lseek before the start");
	ok_errno(lseek(fd, 0, 17), EINVAL, "lseek with no such origin");
	ok_errno(write(reader, "x", 1), EBADF, "write to a descriptor for reading");
	ok_errno(read(writer, copy, 1), EBADF, "read from one for writing");
	ok_errno(read(99, copy, 1), EBADF, "read of what is not open");
	ok_is(read(reader, copy, 0), 0, "a read of nothing");
	ok_is(write(writer, copy, 0), 0, "a write of nothing");
	close(fd);
	close(reader);
	close(writer);
}

static void test_holes(void)
{
	const int fd = create(FILE_NAME);
	struct stat status;
	int nonzero = 0;

	ok_is(lseek(fd, 20000, SEEK_SET), 20000, "lseek beyond the end");
	ok_is(write(fd, "end", 3), 3, "write there");
	lseek(fd, 0, SEEK_SET);
	ok_is(read(fd, copy, sizeof copy), 20003, "the file has grown");
	for (int i = 0; i < 20000; i++)
		nonzero += copy[i] != 0;
	ok_is(nonzero, 0, "with zeros in between");
	ok_is(ftruncate(fd, 10), 0, "ftruncate to less");
	ok_is(ftruncate(fd, 5000), 0, "and to more");
	lseek(fd, 0, SEEK_SET);
	ok_is(read(fd, copy, sizeof copy), 5000, "the size is that");
	for (int i = 0; i < 5000; i++)
		nonzero += copy[i] != 0;
	ok_is(nonzero, 0, "what was cut off reads as zeros");
	fstat(fd, &status);
	ok_is(status.st_size, 5000, "fstat's size");
	ok_errno(ftruncate(fd, -1), EINVAL, "ftruncate to a negative size");
	ok_errno(truncate("/tmp", 0), EISDIR, "truncate of a directory");
	ok_errno(truncate("/bin/true", 0), EROFS, "truncate of a program");
	close(fd);
}

static void test_large(void)
{
	const int fd = create(FILE_NAME);
	const long before = free_pages();
	int wrong = 0;

	for (int i = 0; i < 96; i++) {
		memset(buffer, i, sizeof buffer);
		wrong += write(fd, buffer, sizeof buffer) != sizeof buffer;
	}
	ok_is(wrong, 0, "write 6 MB");
	lseek(fd, 0, SEEK_SET);
	for (int i = 0; i < 96; i++)
		wrong += read(fd, copy, sizeof copy) != sizeof copy || copy[0] != i ||
			 copy[65535] != i;
	ok_is(wrong, 0, "read 6 MB back");
	ok_is(ftruncate(fd, 0), 0, "cut it to nothing");
	ok_memory_is(before, "its pages are free again");
	close(fd);
}

static void test_append(void)
{
	const int fd = create(FILE_NAME), appender = open(FILE_NAME, O_WRONLY | O_APPEND);

	write(fd, "one", 3);
	lseek(appender, 0, SEEK_SET);
	ok_is(write(appender, "two", 3), 3, "write with O_APPEND");
	lseek(fd, 0, SEEK_SET);
	ok_is(read(fd, copy, 10), 6, "goes to the end");
	ok(memcmp(copy, "onetwo", 6) == 0, "behind what was there");
	ok_is(fcntl(appender, F_GETFL), O_WRONLY | O_APPEND, "F_GETFL");
	ok_is(fcntl(appender, F_SETFL, 0), 0, "F_SETFL");
	ok_is(fcntl(appender, F_GETFL), O_WRONLY, "takes O_APPEND off");
	ok_errno(fcntl(appender, 999), EINVAL, "fcntl with no such command");
	close(fd);
	close(appender);
}

static void test_descriptors(void)
{
	const int fd = create(FILE_NAME);
	int high;

	ok_is(dup2(fd, 200), 200, "dup2 to a high descriptor");
	ok_is(write(200, "x", 1), 1, "it works");
	ok_is(lseek(fd, 0, SEEK_CUR), 1, "both share the offset");
	ok_is(dup2(fd, fd), fd, "dup2 to itself");
	ok_errno(dup2(99, 5), EBADF, "dup2 of what is not open");
	ok_errno(dup2(fd, 256), EBADF, "dup2 beyond the last descriptor");
	ok_errno(dup2(fd, -1), EBADF, "dup2 to -1");
	high = fcntl(fd, F_DUPFD, 50);
	ok_is(high, 50, "F_DUPFD");
	ok_errno(fcntl(fd, F_DUPFD, 256), EINVAL, "F_DUPFD beyond the last descriptor");
	ok_is(fcntl(high, F_SETFD, FD_CLOEXEC), 0, "F_SETFD");
	ok_is(fcntl(high, F_GETFD), FD_CLOEXEC, "F_GETFD");
	ok_is(fcntl(fd, F_GETFD), 0, "the flag is the descriptor's own");
	while (dup(fd) >= 0)
		;
	ok_errno(dup(fd), EMFILE, "too many descriptors");
	for (int i = fd + 1; i < 256; i++)
		close(i);
	close(fd);
}

static void test_unlinked(void)
{
	const int fd = create(FILE_NAME);
	struct stat status;

	write(fd, "still", 5);
	ok_is(unlink(FILE_NAME), 0, "unlink of an open file");
	ok_errno(open(FILE_NAME, O_RDONLY), ENOENT, "its name is gone");
	lseek(fd, 0, SEEK_SET);
	ok_is(read(fd, copy, 10), 5, "its content is not");
	ok(fstat(fd, &status) == 0 && status.st_nlink == 0, "it has no links");
	close(fd);
	ok_errno(unlink(FILE_NAME), ENOENT, "unlink of nothing");
	ok_errno(unlink("/tmp"), EPERM, "unlink of a directory");
}

static void test_links(void)
{
	struct stat status;

	close(create("/tmp/a"));
	ok_is(link("/tmp/a", "/tmp/b"), 0, "link");
	stat("/tmp/a", &status);
	ok_is(status.st_nlink, 2, "two links");
	ok_errno(link("/tmp/a", "/tmp/b"), EEXIST, "link to a name that is there");
	ok_errno(link("/tmp", "/tmp/c"), EPERM, "link to a directory");
	ok_errno(link("/tmp/none", "/tmp/c"), ENOENT, "link to nothing");
	ok_is(unlink("/tmp/a"), 0, "unlink one");
	ok(stat("/tmp/b", &status) == 0 && status.st_nlink == 1, "the other is still there");
	unlink("/tmp/b");
}

static void test_mode_and_time(void)
{
	struct stat status;

	close(create(FILE_NAME));
	ok_is(chmod(FILE_NAME, 0421), 0, "chmod");
	stat(FILE_NAME, &status);
	ok_is(status.st_mode, S_IFREG | 0421, "stat shows it");
	ok(status.st_mtime > 1500000000, "a file's time is that of the clock");
	ok_errno(chmod("/tmp/none", 0), ENOENT, "chmod of nothing");
	stat("/tmp", &status);
	ok(S_ISDIR(status.st_mode), "a directory is one");
	stat("/dev/console", &status);
	ok(S_ISCHR(status.st_mode), "a device is one");
	ok_errno(stat("/tmp/none", &status), ENOENT, "stat of nothing");
	unlink(FILE_NAME);
}

int main(void)
{
	test_open();
	test_path_forms();
	test_path_lengths();
	test_read_write();
	test_holes();
	test_large();
	test_append();
	test_descriptors();
	test_unlinked();
	test_links();
	test_mode_and_time();
	return done_testing();
}
