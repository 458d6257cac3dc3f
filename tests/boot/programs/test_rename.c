/*
 * Renaming directories that have directories in them: links are what they were, and what is inside
 * can be removed afterwards without harm to the directory.
 */
#include "common/guard.h"
#include "common/tap.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static long links_of(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 ? (long)status.st_nlink : -1;
}

/* d with two directories, in an otherwise empty one of the test's. */
static void make_tree(const char *top)
{
	char path[64];

	mkdir(top, 0755);
	chdir(top);
	mkdir("d", 0755);
	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof path, "d/%c", 'a' + i);
		mkdir(path, 0755);
	}
}

static void test_links(void)
{
	make_tree("/tmp/links");
	ok_is(links_of("d"), 4, "a directory with two others has four links");
	ok_is(rename("d", "e"), 0, "it is renamed");
	ok_is(links_of("e"), 4, "and has them still");
	ok_is(links_of("."), 3, "its parent has as many as before");
	mkdir("other", 0755);
	ok_is(rename("e", "other/e"), 0, "it is moved");
	ok_is(links_of("other/e"), 4, "and has them still");
	ok_is(links_of("."), 3, "where it was");
	ok_is(links_of("other"), 3, "and where it is, links are right");
	mkdir("empty", 0755);
	ok_is(rename("other/e", "empty"), 0, "it is put in an empty one's place");
	ok_is(links_of("empty"), 4, "and has them still");
	ok_is(links_of("other"), 2, "where it was");
	ok_is(links_of("."), 4, "and where it is, links are right");
}

static int entries_of(const char *path)
{
	DIR *directory = opendir(path);
	int count = 0;

	if (!directory)
		return -1;
	while (readdir(directory))
		count++;
	closedir(directory);
	return count;
}

/* Today this frees the directory in use: the child, and the machine, may not survive it. */
static void rename_and_remove(void)
{
	struct stat status;
	int bad = 0, fd;

	make_tree("/tmp/remove");
	bad += rename("d", "e") != 0;
	bad += rmdir("e/a") != 0;
	bad += rmdir("e/b") != 0;
	for (int i = 0; i < 20; i++) {
		char path[16];

		snprintf(path, sizeof path, "x%d", i);
		fd = open(path, O_CREAT | O_RDWR, 0644);
		bad += fd < 0 || write(fd, path, strlen(path)) < 0;
		close(fd);
	}
	bad += stat("e", &status) != 0 || !S_ISDIR(status.st_mode) || status.st_nlink != 2;
	bad += entries_of("e") != 2 && entries_of("e") != 0;
	bad += mkdir("e/c", 0755) != 0;
	bad += links_of("e") != 3;
	bad += rmdir("e/c") != 0 || rmdir("e") != 0;
	bad += links_of("e") != -1 || links_of(".") != 2;
	_exit(bad);
}

/* The current directory is what is renamed and emptied. */
static void rename_current(void)
{
	char path[64];
	int bad = 0;

	make_tree("/tmp/current");
	chdir("d");
	bad += rename("/tmp/current/d", "/tmp/current/e") != 0;
	bad += rmdir("a") != 0 || rmdir("b") != 0;
	bad += !getcwd(path, sizeof path) || strcmp(path, "/tmp/current/e") != 0;
	bad += rmdir("/tmp/current/e") != 0;
	bad += rmdir("/tmp/current") != 0;
	_exit(bad);
}

int main(void)
{
	const long before = free_pages();

	test_links();
	ok_is(guard_exit(rename_and_remove), 0, "what was in it is removed, and it is whole");
	ok_is(guard_exit(rename_current), 0, "the same with the current directory");
	ok(before > 0, "the machine is alive");
	return done_testing();
}
