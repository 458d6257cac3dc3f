/*
 * Symbolic links: made, read, followed by every call that follows them and not by the others, on
 * the way and at the end of a path, through ".." and loops (POSIX.1-2017, section 4.13).
 */
#include "common/files.h"
#include "common/tap.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHAIN 41 /* one link more than are followed */

static bool reads(const char *path, const char *target)
{
	char buffer[PATH_MAX];
	const ssize_t length = readlink(path, buffer, sizeof buffer);

	return length == (ssize_t)strlen(target) && memcmp(buffer, target, length) == 0;
}

static bool is_type(int (*status)(const char *, struct stat *), const char *path, mode_t type)
{
	struct stat file;

	return status(path, &file) == 0 && (file.st_mode & S_IFMT) == type;
}

static void test_making(void)
{
	char buffer[4];
	struct stat file;

	make_file("/l/file", "text");
	ok(symlink("file", "/l/link") == 0, "a link is made");
	ok(reads("/l/link", "file"), "readlink reads what it says");
	ok(readlink("/l/link", buffer, 2) == 2 && memcmp(buffer, "fi", 2) == 0,
	   "as far as the buffer reaches");
	ok(is_type(lstat, "/l/link", S_IFLNK), "lstat sees a link");
	ok(lstat("/l/link", &file) == 0 && file.st_size == 4, "with its length as size");
	ok(is_type(stat, "/l/link", S_IFREG), "stat sees what it leads to");
	ok_errno(symlink("other", "/l/link"), EEXIST, "a name that is taken");
	ok_errno(symlink("", "/l/empty"), ENOENT, "a link says something");
	ok_errno(symlink("x", "/l/none/link"), ENOENT, "where no directory is");
	ok_errno(readlink("/l/file", buffer, sizeof buffer), EINVAL, "a file is no link");
	ok_errno(readlink("/l/none", buffer, sizeof buffer), ENOENT, "nor is nothing");
	ok_errno(readlink("/l/link", (char *)16, 4), EFAULT, "a buffer that is not there");
}

static void test_opening(void)
{
	int fd;

	ok(file_is("/l/link", "text"), "open follows");
	ok_errno(open("/l/link", O_RDONLY | O_NOFOLLOW), ELOOP, "not with O_NOFOLLOW");
	ok_errno(open("/l/link", O_RDWR | O_CREAT | O_NOFOLLOW, 0644), ELOOP,
		 "nor with O_CREAT as well");
	fd = open("/l/file", O_RDONLY | O_NOFOLLOW);
	ok(fd >= 0, "which does not matter to a file");
	close(fd);
	ok_errno(open("/l/link", O_RDWR | O_CREAT | O_EXCL, 0644), EEXIST,
		 "O_EXCL finds the link itself");
	ok(symlink("made", "/l/dangling") == 0, "a link that leads nowhere");
	ok_errno(open("/l/dangling", O_RDONLY), ENOENT, "cannot be opened");
	ok_errno(open("/l/dangling", O_RDWR | O_CREAT | O_EXCL, 0644), EEXIST, "nor made anew");
	ok(is_type(lstat, "/l/dangling", S_IFLNK), "though it is there");
	make_file("/l/dangling", "new");
	ok(file_is("/l/made", "new"), "O_CREAT makes what it leads to");
	make_file("/l/link", "short");
	ok(file_is("/l/file", "short"), "O_TRUNC is for that, too");
	ok(truncate("/l/link", 2) == 0 && file_is("/l/file", "sh"), "and truncate");
	ok(chmod("/l/link", 0600) == 0 && is_type(lstat, "/l/link", S_IFLNK), "and chmod");
}

static void test_names(void)
{
	ok(symlink("file", "/l/second") == 0 && rename("/l/second", "/l/third") == 0 &&
		   reads("/l/third", "file"),
	   "rename moves the link");
	ok(rename("/l/made", "/l/third") == 0 && file_is("/l/third", "new") &&
		   is_type(lstat, "/l/third", S_IFREG) && file_is("/l/file", "sh"),
	   "or replaces it");
	ok(link("/l/link", "/l/twin") == 0 && reads("/l/twin", "file"), "a second name of a link");
	ok(unlink("/l/twin") == 0 && unlink("/l/dangling") == 0 && file_is("/l/file", "sh"),
	   "unlink removes the link alone");
	ok(symlink("/l/directory", "/l/to") == 0 && mkdir("/l/directory", 0755) == 0,
	   "a link to a directory");
	ok_errno(mkdir("/l/to", 0755), EEXIST, "mkdir does not go there");
	ok_errno(rmdir("/l/to"), ENOTDIR, "nor does rmdir");
	ok_errno(unlink("/l/to/"), ENOTDIR, "nor unlink with a slash");
}

static void test_directories(void)
{
	char path[PATH_MAX];

	make_file("/l/to/inside", "in");
	ok(file_is("/l/directory/inside", "in"), "a link on the way");
	ok(is_type(lstat, "/l/to/", S_IFDIR), "with a slash behind it, it is followed");
	ok(is_type(lstat, "/l/to/.", S_IFDIR), "and with a dot");
	ok_errno(open("/l/link/", O_RDONLY), ENOTDIR, "but not where no directory is");
	ok_errno(open("/l/link/x", O_RDONLY), ENOTDIR, "nor on the way");
	ok(symlink("../../l/./to/../directory", "/l/directory/round") == 0 &&
		   file_is("/l/directory/round/inside", "in"),
	   "dots in a link");
	ok(symlink("/", "/l/root") == 0 && file_is("/l/root/l/file", "sh"), "a link to the root");
	ok(symlink("directory/", "/l/slash") == 0 && file_is("/l/slash/inside", "in"),
	   "a link with a slash at its end");
	ok(chdir("/l/to") == 0 && getcwd(path, sizeof path) && strcmp(path, "/l/directory") == 0,
	   "chdir goes where it leads");
	ok(file_is("round/../file", "sh"), "from where .. leads on");
	ok(realpath("/l/root/l/to/round/../link", path) && strcmp(path, "/l/file") == 0,
	   "realpath finds the same");
	ok(!realpath("/l/to/none", path) && errno == ENOENT, "or nothing");
	ok(!realpath("/l/link/none", path) && errno == ENOTDIR, "or no directory");
	chdir("/");
}

static void chain_name(char *path, unsigned i)
{
	sprintf(path, "/l/chain%u", i);
}

static void test_loops(void)
{
	char path[32], next[32], long_name[1000];

	ok(symlink("loop2", "/l/loop1") == 0 && symlink("loop1", "/l/loop2") == 0, "a loop");
	ok_errno(open("/l/loop1", O_RDONLY), ELOOP, "has no end");
	ok_errno(open("/l/loop1/x", O_RDONLY), ELOOP, "nor on the way");
	ok_errno(open("/l/loop1", O_RDWR | O_CREAT, 0644), ELOOP, "nor for O_CREAT");
	ok(is_type(lstat, "/l/loop1", S_IFLNK), "but it can be seen");
	for (unsigned i = 0; i < CHAIN; i++) {
		chain_name(path, i);
		chain_name(next, i + 1);
		symlink(next, path);
	}
	chain_name(path, CHAIN);
	make_file(path, "end");
	ok_errno(open("/l/chain0", O_RDONLY), ELOOP, "41 links are too many");
	ok(file_is("/l/chain1", "end"), "40 are not");
	memset(long_name, 'd', 255);
	for (unsigned i = 0; i < sizeof long_name / 2; i++)
		memcpy(long_name + 2 * i, "./", 2);
	long_name[sizeof long_name - 1] = '\0';
	ok(symlink(long_name, "/l/far") == 0, "a link of 999 characters");
	ok(is_type(stat, "/l/far", S_IFDIR), "leads somewhere");
	ok_errno(open("/l/far/directory/inside/inside/inside", O_RDONLY), ENAMETOOLONG,
		 "unless the path becomes too long");
}

static void test_programs(void)
{
	char *const argv[] = { (char *)"/l/true", NULL };
	int status = -1;

	ok(symlink("/bin/true", "/l/true") == 0, "a link to a program");
	if (fork() == 0) {
		execv("/l/true", argv);
		_exit(9);
	}
	ok(wait(&status) > 0 && status == 0, "can be started");
}

int main(void)
{
	mkdir("/l", 0755);
	test_making();
	test_opening();
	test_names();
	test_directories();
	test_loops();
	test_programs();
	return done_testing();
}
