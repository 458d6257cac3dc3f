/*
 * Directories: mkdir, rmdir, rename, reading, and large ones.
 */
#include "common/files.h"
#include "common/tap.h"

#include <castle/castle.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MANY 2000

static void test_make_and_remove(void)
{
	struct stat status;

	ok_is(mkdir("/tmp/d", 0755), 0, "mkdir");
	ok(stat("/tmp/d", &status) == 0 && S_ISDIR(status.st_mode) && status.st_nlink == 2,
	   "a new directory has two links");
	ok_errno(mkdir("/tmp/d", 0755), EEXIST, "mkdir of what is there");
	ok_errno(mkdir("/tmp/none/d", 0755), ENOENT, "mkdir in nothing");
	ok_errno(mkdir("/share/hello.txt/d", 0755), ENOTDIR, "mkdir in a file");
	ok_errno(mkdir("/", 0755), EEXIST, "mkdir of the root");
	ok_is(mkdir("/tmp/d/e/", 0755), 0, "mkdir with a slash behind");
	stat("/tmp/d", &status);
	ok_is(status.st_nlink, 3, "a directory inside adds a link");
	ok_errno(rmdir("/tmp/d"), ENOTEMPTY, "rmdir of a directory that is not empty");
	ok_errno(rmdir("/tmp/d/e/."), EINVAL, "rmdir of .");
	ok_errno(rmdir("/tmp/d/e/.."), ENOTEMPTY, "rmdir of ..");
	ok_errno(rmdir("/share/hello.txt"), ENOTDIR, "rmdir of a file");
	ok_errno(rmdir("/tmp/none"), ENOENT, "rmdir of nothing");
	ok_errno(rmdir("/"), EBUSY, "rmdir of the root");
	ok_is(rmdir("/tmp/d/e"), 0, "rmdir");
	ok_is(rmdir("/tmp/d"), 0, "and its parent");
}

static void test_removed_cwd(void)
{
	char path[64];

	mkdir("/tmp/gone", 0755);
	chdir("/tmp/gone");
	ok_is(rmdir("/tmp/gone"), 0, "rmdir of the working directory");
	ok_errno(getcwd(path, sizeof path) ? 0 : -1, ENOENT, "getcwd there");
	ok_errno(open("x", O_CREAT | O_RDWR, 0600), ENOENT, "creation there");
	ok_errno(mkdir("x", 0755), ENOENT, "mkdir there");
	ok_errno(open("..", O_RDONLY), ENOENT, "its .. is gone");
	chdir("/");
}

static void test_rename_files(void)
{
	make_file("/tmp/a", "a");
	make_file("/tmp/b", "b");
	ok_is(rename("/tmp/a", "/tmp/b"), 0, "rename over a file");
	ok(file_is("/tmp/b", "a"), "which is replaced");
	ok_errno(open("/tmp/a", O_RDONLY), ENOENT, "the old name is gone");
	ok_is(rename("/tmp/b", "/tmp/b"), 0, "rename to itself");
	link("/tmp/b", "/tmp/c");
	ok_is(rename("/tmp/b", "/tmp/c"), 0, "rename between links of one file");
	ok(file_is("/tmp/b", "a") && file_is("/tmp/c", "a"), "leaves both");
	ok_errno(rename("/tmp/none", "/tmp/x"), ENOENT, "rename of nothing");
	ok_errno(rename("/tmp/b", "/tmp/none/x"), ENOENT, "rename into nothing");
	ok_errno(rename("/tmp/b", "/tmp/c/"), ENOTDIR, "rename of a file to a name with a slash");
	ok_errno(rename("/tmp/.", "/tmp/x"), EINVAL, "rename of .");
	ok_errno(rename("/", "/tmp/x"), EBUSY, "rename of the root");
	unlink("/tmp/b");
	unlink("/tmp/c");
}

static void test_rename_directories(void)
{
	struct stat status;

	mkdir("/tmp/p", 0755);
	mkdir("/tmp/p/q", 0755);
	mkdir("/tmp/r", 0755);
	make_file("/tmp/p/q/file", "deep");
	ok_errno(rename("/tmp/p", "/tmp/p/q/p"), EINVAL, "rename into itself");
	ok_is(rename("/tmp/p/q", "/tmp/r/s"), 0, "rename to another parent");
	ok(file_is("/tmp/r/s/file", "deep"), "takes everything along");
	ok(file_is("/tmp/r/s/../s/file", "deep"), "and .. is the new parent");
	stat("/tmp/p", &status);
	ok_is(status.st_nlink, 2, "the old parent has lost a link");
	stat("/tmp/r", &status);
	ok_is(status.st_nlink, 3, "the new one has it");
	ok_errno(rename("/tmp/p", "/tmp/r"), ENOTEMPTY,
		 "rename over a directory that is not empty");
	ok_errno(rename("/tmp/r/s/file", "/tmp/p"), EISDIR, "rename of a file over a directory");
	ok_errno(rename("/tmp/p", "/tmp/r/s/file"), ENOTDIR, "rename of a directory over a file");
	ok_is(rename("/tmp/r", "/tmp/p"), 0, "rename over an empty directory");
	ok(file_is("/tmp/p/s/file", "deep"), "replaces it");
	unlink("/tmp/p/s/file");
	rmdir("/tmp/p/s");
	ok_is(rmdir("/tmp/p"), 0, "all of it can be removed");
}

/* What moves keeps its subdirectories, whose removal must not take it along. */
static void test_rename_with_subdirectories(void)
{
	struct stat status;

	mkdir("/tmp/d", 0755);
	mkdir("/tmp/d/a", 0755);
	mkdir("/tmp/d/b", 0755);
	ok_is(rename("/tmp/d", "/tmp/d"), 0, "rename of a directory to itself, which is not empty");
	ok_is(rename("/tmp/d", "/tmp/e"), 0, "rename of a directory with two subdirectories");
	stat("/tmp/e", &status);
	ok_is(status.st_nlink, 4, "it keeps its four links");
	rmdir("/tmp/e/a");
	rmdir("/tmp/e/b");
	ok(stat("/tmp/e", &status) == 0 && status.st_nlink == 2, "and has two without them");
	ok_is(mkdir("/tmp/e/c", 0755), 0, "it is still a directory");
	rmdir("/tmp/e/c");
	ok_is(rmdir("/tmp/e"), 0, "until it is removed");
}

static int count_entries(const char *path)
{
	DIR *directory = opendir(path);
	struct dirent *entry;
	int count = 0;

	while ((entry = readdir(directory)))
		count += entry->d_name[0] != '.';
	closedir(directory);
	return count;
}

static void test_reading(void)
{
	DIR *directory;

	ok_errno(opendir("/tmp/none") ? 0 : -1, ENOENT, "opendir of nothing");
	ok_errno(opendir("/share/hello.txt") ? 0 : -1, ENOTDIR, "opendir of a file");
	mkdir("/tmp/read", 0755);
	ok_is(count_entries("/tmp/read"), 0, "an empty directory");
	make_file("/tmp/read/one", "1");
	make_file("/tmp/read/two", "2");
	ok_is(count_entries("/tmp/read"), 2, "two files");
	directory = opendir("/tmp/read");
	ok(strcmp(readdir(directory)->d_name, "one") == 0, "the first is the oldest");
	ok(strcmp(readdir(directory)->d_name, "two") == 0 && !readdir(directory), "then the other");
	unlink("/tmp/read/two");
	rewinddir(directory);
	ok(readdir(directory) && !readdir(directory), "rewinddir starts over");
	closedir(directory);
	unlink("/tmp/read/one");
	rmdir("/tmp/read");
}

static bool same_status(const struct stat *one, const struct stat *other)
{
	return one->st_ino == other->st_ino && one->st_mode == other->st_mode &&
	       one->st_size == other->st_size && one->st_nlink == other->st_nlink &&
	       one->st_mtim.tv_sec == other->st_mtim.tv_sec &&
	       one->st_mtim.tv_nsec == other->st_mtim.tv_nsec;
}

/* Entries of all types have the status that stat() gives. */
static void test_status_of_entries(const char *path)
{
	DIR *directory = opendir(path);
	struct stat read, asked;
	struct dirent *entry;
	int entries = 0, differences = 0;
	char name[300];

	ok_errno(castle_readdir_stat(directory, &read), EINVAL, "no status before an entry");
	while ((entry = readdir(directory))) {
		snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
		entries++;
		differences += castle_readdir_stat(directory, &read) != 0 ||
			       stat(name, &asked) != 0 || !same_status(&read, &asked) ||
			       entry->d_ino != asked.st_ino ||
			       entry->d_type != IFTODT(asked.st_mode);
	}
	closedir(directory);
	ok(entries > 0 && differences == 0, "%s: the entries' status is that of the files", path);
}

/*
 * Reads a directory in pieces of `size` bytes. The number of entries; -1 if a piece that was not
 * the last one had room for another entry.
 */
static int entries_by_pieces(const char *path, int size)
{
	static char buffer[8192];
	const int fd = open(path, O_RDONLY);
	int filled, entries = 0, left = 0;

	while ((filled = castle_call3(CASTLE_CALL_getdents, fd, (uint32_t)buffer, size)) > 0) {
		if (left >= (int)CASTLE_DIRENT_MAX)
			entries = -1000000;
		left = size - filled;
		for (int at = 0; at < filled; entries++)
			at += ((const struct castle_dirent *)(buffer + at))->length;
	}
	close(fd);
	return filled < 0 ? filled : entries < 0 ? -1 : entries;
}

static void test_pieces(void)
{
	static const char path[] = "/tmp/pieces";
	char name[300];
	int wrong = 0;

	mkdir(path, 0755);
	ok_is(entries_by_pieces(path, 8192), 0, "an empty directory, by getdents");
	for (int i = 1; i <= CASTLE_NAME_MAX; i++) {
		snprintf(name, sizeof name, "%s/%0*d", path, i, 0);
		make_file(name, "x");
	}
	for (int size = CASTLE_DIRENT_MAX; size < 8192; size += 61)
		wrong += entries_by_pieces(path, size) != CASTLE_NAME_MAX;
	ok_is(wrong, 0, "names of all lengths, in pieces of all sizes");
	ok_is(entries_by_pieces(path, sizeof(struct castle_dirent) + 1), -EINVAL,
	      "a piece that is too small for the first entry");
	ok_is(count_entries(path), CASTLE_NAME_MAX, "the same by readdir");
	for (int i = 1; i <= CASTLE_NAME_MAX; i++) {
		snprintf(name, sizeof name, "%s/%0*d", path, i, 0);
		unlink(name);
	}
	ok_is(rmdir(path), 0, "all of them are gone");
}

static void test_many(void)
{
	const long before = free_pages();
	char path[64];
	int failures = 0;

	mkdir("/tmp/many", 0755);
	for (int i = 0; i < MANY; i++) {
		snprintf(path, sizeof path, "/tmp/many/file-%d", i);
		make_file(path, path);
	}
	ok_is(count_entries("/tmp/many"), MANY, "two thousand files in a directory");
	for (int i = 0; i < MANY; i++) {
		snprintf(path, sizeof path, "/tmp/many/file-%d", i);
		failures += !file_is(path, path);
	}
	ok_is(failures, 0, "each with its own content");
	for (int i = 0; i < MANY; i++) {
		snprintf(path, sizeof path, "/tmp/many/file-%d", i);
		failures += unlink(path) != 0;
	}
	ok_is(failures, 0, "all removed");
	ok_is(rmdir("/tmp/many"), 0, "and the directory");
	ok_memory_is(before, "memory is what it was");
}

/* Names below an open directory, which is not the working one and is moved meanwhile. */
static void test_below_a_directory(void)
{
	struct stat status;
	char text[16] = "";
	int directory, fd;

	mkdir("/tmp/at", 0755);
	directory = open("/tmp/at", O_RDONLY | O_DIRECTORY);
	fd = openat(directory, "file", O_CREAT | O_RDWR, 0640);
	ok(fd >= 0 && write(fd, "text", 4) == 4, "openat() makes a file");
	ok(file_is("/tmp/at/file", "text"), "in the directory");
	ok(fstatat(directory, "file", &status, 0) == 0 && status.st_size == 4, "fstatat()");
	ok_is(mkdirat(directory, "inner", 0755), 0, "mkdirat()");
	ok_is(symlinkat("file", directory, "name"), 0, "symlinkat()");
	ok(fstatat(directory, "name", &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(status.st_mode),
	   "fstatat() of a link itself");
	ok(readlinkat(directory, "name", text, sizeof text) == 4 && !strcmp(text, "file"),
	   "readlinkat()");
	ok_is(rename("/tmp/at", "/tmp/moved"), 0, "the directory moves");
	ok_is(renameat(directory, "file", directory, "inner/file"), 0, "renameat() finds it");
	ok(file_is("/tmp/moved/inner/file", "text"), "and has moved the file");
	ok_is(linkat(directory, "inner/file", AT_FDCWD, "/tmp/linked", 0), 0, "linkat()");
	ok(faccessat(directory, "inner/file", R_OK, 0) == 0 &&
		   fchmodat(directory, "inner/file", 0600, 0) == 0,
	   "faccessat(), fchmodat()");
	ok_is(fchdir(directory), 0, "fchdir()");
	ok_is(stat("inner", &status), 0, "and paths start there");
	ok_is(chdir("/"), 0, "and no longer");
	ok_errno(unlinkat(directory, "inner", 0), EPERM, "unlinkat() of a directory");
	ok_is(unlinkat(directory, "inner/file", 0), 0, "of a file");
	ok_is(unlinkat(directory, "inner", AT_REMOVEDIR), 0, "of a directory, when it is asked to");
	ok_errno(openat(fd, "x", O_RDONLY), ENOTDIR, "openat() below a file");
	ok_errno(openat(99, "x", O_RDONLY), EBADF, "below nothing");
	ok_errno(openat(directory, "", O_RDONLY), ENOENT, "of no name");
	ok(openat(99, "/tmp/linked", O_RDONLY) >= 0, "an absolute path needs no directory");
	unlink("/tmp/linked");
	unlinkat(directory, "name", 0);
	rmdir("/tmp/moved");
	ok_errno(openat(directory, "x", O_RDONLY), ENOENT, "the directory is gone");
}

int main(void)
{
	test_make_and_remove();
	test_removed_cwd();
	test_rename_files();
	test_rename_directories();
	test_rename_with_subdirectories();
	test_reading();
	test_status_of_entries("/");
	test_status_of_entries("/dev");
	test_status_of_entries("/bin");
	test_below_a_directory();
	test_pieces();
	test_many();
	test_many();
	return done_testing();
}
