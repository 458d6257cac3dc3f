/*
 * Names: directories, links, paths that are odd, and several processes in one directory.
 */
#include "cases.h"

#include <castle/abi.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHILDREN 4
#define NAMES    20

static char *name_of(char letter, int number)
{
	static char name[16];

	snprintf(name, sizeof name, "%c%d", letter, number);
	return name;
}

static int entries(const char *folder)
{
	DIR *directory = opendir(folder);
	int count = 0;

	want(directory != NULL);
	for (const struct dirent *entry; (entry = readdir(directory)) != NULL;)
		count += entry->d_name[0] != '.';
	closedir(directory);
	return count;
}

static void make_and_remove(int child)
{
	for (int i = 0; i < NAMES; i++) {
		case_make_file(name_of('p' + child, i), 'n', 1);
		if (i > 0 && i % 2 == 0)
			want(unlink(name_of('p' + child, i / 2)) == 0);
	}
}

/* Children make and remove files beside each other: half of the first ones are gone. */
static void create_delete(void)
{
	for (int i = 0; i < CHILDREN; i++)
		case_fork(make_and_remove, i);
	case_await(CHILDREN);
	for (int i = 0; i < CHILDREN; i++)
		for (int j = 0; j < NAMES; j++) {
			const bool gone = j >= 1 && j < NAMES / 2;

			want(unlink(name_of('p' + i, j)) == (gone ? -1 : 0));
		}
}

static void make_or_link(int number)
{
	const char *name = name_of('c', number / 2);
	int fd;

	if (number % 2 && link("c0", name) == 0)
		return;
	fd = open(name, O_CREAT | O_RDWR, 0644);
	want(fd >= 0);
	close(fd);
}

/* Two processes at each of many names: each is there once. */
static void create_at_once(void)
{
	case_make_file("c0", 'c', 1);
	for (int i = 0; i < 2 * NAMES; i++) {
		case_fork(make_or_link, i);
		if (i % 4 == 3)
			case_await(4);
	}
	want(entries(".") == NAMES);
	for (int i = 0; i < NAMES; i++)
		want(unlink(name_of('c', i)) == 0);
}

static void link_and_unlink(int number)
{
	unsigned chance = number ? 1 : 97;

	for (int i = 0; i < 100; i++) {
		chance = chance * 1103515245 + 12345;
		switch (chance >> 16 & 3) {
		case 0:
			close(open("x", O_CREAT | O_RDWR, 0644));
			break;
		case 1:
			link("cat", "x");
			break;
		default:
			unlink("x");
		}
	}
}

static void link_unlink(void)
{
	struct stat status;

	case_make_file("cat", 'c', 3);
	for (int i = 0; i < CHILDREN; i++)
		case_fork(link_and_unlink, i % 2);
	case_await(CHILDREN);
	unlink("x");
	want(stat("cat", &status) == 0 && status.st_nlink == 1);
	want(unlink("cat") == 0);
}

static void links(void)
{
	struct stat status;

	case_make_file("one", 'l', 5);
	want(link("one", "two") == 0);
	want(stat("two", &status) == 0 && status.st_nlink == 2);
	want(unlink("one") == 0 && access("one", F_OK) == -1);
	want(case_file_is("two", 'l') == 5);
	want_errno(link("two", "two"), EEXIST);
	want(unlink("two") == 0);
	want_errno(link("two", "one"), ENOENT);
	want(link(".", "one") == -1);
}

static void many_links(void)
{
	case_make_file("bd", 'b', 1);
	for (int i = 0; i < 300; i++)
		want(link("bd", name_of('x', i)) == 0);
	want(unlink("bd") == 0);
	want(entries(".") == 300);
	for (int i = 0; i < 300; i++)
		want(unlink(name_of('x', i)) == 0);
}

/* Paths through a directory in a directory; what is not empty stays. */
static void subdirectories(void)
{
	want(mkdir("dd", 0755) == 0 && mkdir("dd/ee", 0755) == 0);
	case_make_file("dd/ff", 'f', 2);
	case_make_file("dd/ee/ff", 'F', 2);
	want(case_file_is("dd/ee/../ff", 'f') == 2);
	want(link("dd/ee/ff", "dd/ee/ffff") == 0 && unlink("dd/ee/ff") == 0);
	want(chdir("dd") == 0 && chdir("ee/../../dd") == 0 && chdir("./..") == 0);
	want(case_file_is("dd/ee/ffff", 'F') == 2);
	want_errno(rmdir("dd"), ENOTEMPTY);
	want_errno(rmdir("dd/ff"), ENOTDIR);
	want(unlink("dd/ee") == -1);
	want(open("dd/ff/ff", O_CREAT | O_RDWR, 0644) == -1 && errno == ENOTDIR);
	want(open("dd/xx/ff", O_CREAT | O_RDWR, 0644) == -1 && errno == ENOENT);
	want(open("dd", O_RDWR) == -1 && errno == EISDIR);
	want(unlink("dd/ee/ffff") == 0 && unlink("dd/ff") == 0);
	want(rmdir("dd/ee") == 0 && rmdir("dd") == 0);
}

static void dots(void)
{
	want(mkdir("dots", 0755) == 0 && chdir("dots") == 0);
	want(rmdir(".") == -1 && rmdir("..") == -1);
	want(chdir("..") == 0);
	want(rmdir("dots/.") == -1 && rmdir("dots/..") == -1 && rmdir("/") == -1);
	want(unlink("dots/.") == -1 && unlink("dots/..") == -1);
	want(rmdir("dots") == 0);
}

/* A file is no directory. */
static void file_as_directory(void)
{
	case_make_file("plain", 'p', 1);
	want_errno(chdir("plain"), ENOTDIR);
	want_errno(open("plain/xx", O_RDONLY), ENOTDIR);
	want_errno(open("plain/xx", O_CREAT | O_WRONLY, 0644), ENOTDIR);
	want_errno(mkdir("plain/xx", 0755), ENOTDIR);
	want_errno(unlink("plain/xx"), ENOTDIR);
	want_errno(link("/bin/init", "plain/xx"), ENOTDIR);
	want(unlink("plain") == 0);
	want(open(".", O_RDWR) == -1 && errno == EISDIR);
}

/* The longest name there may be, and one byte more. */
static void long_names(void)
{
	char name[CASTLE_NAME_MAX + 2];

	memset(name, 'n', sizeof name);
	name[CASTLE_NAME_MAX] = '\0';
	want(mkdir(name, 0755) == 0);
	want_errno(mkdir(name, 0755), EEXIST);
	want(rmdir(name) == 0);
	name[CASTLE_NAME_MAX] = 'n';
	name[CASTLE_NAME_MAX + 1] = '\0';
	want_errno(mkdir(name, 0755), ENAMETOOLONG);
	want_errno(open(name, O_CREAT | O_RDWR, 0644), ENAMETOOLONG);
	want_errno(unlink(name), ENAMETOOLONG);
	want(mkdir("", 0755) == -1 && open("", O_CREAT | O_RDWR, 0644) == -1);
}

/* Deep down, and up again over "..". */
static void deep(void)
{
	for (int i = 0; i < 60; i++)
		want(mkdir("d", 0755) == 0 && chdir("d") == 0);
	want(mkdir("", 0755) == -1 && link("/bin/init", "") == -1);
	for (int i = 0; i < 60; i++)
		want(chdir("..") == 0 && rmdir("d") == 0);
}

static void end_in_removed(int number)
{
	char path[32];

	snprintf(path, sizeof path, "../%s", name_of('i', number));
	want(mkdir(path + 3, 0755) == 0 && chdir(path + 3) == 0);
	want(rmdir(path) == 0);
	want_errno(open("here", O_CREAT | O_RDWR, 0644), ENOENT);
}

/* A process ends in a directory that is gone. */
static void removed_cwd(void)
{
	for (int i = 0; i < 3; i++)
		case_fork(end_in_removed, i);
	case_await(3);
}

static void open_directory_for_writing(int number)
{
	(void)number;
	for (int i = 0; i < 50; i++) {
		const int fd = open("od", O_RDWR);

		want(fd == -1 && (errno == EISDIR || errno == ENOENT));
	}
}

static void open_while_removed(void)
{
	case_fork(open_directory_for_writing, 0);
	for (int i = 0; i < 50; i++)
		want(mkdir("od", 0755) == 0 && rmdir("od") == 0);
	case_await(1);
}

static void many_files(void)
{
	for (int i = 0; i < 52; i++)
		close(open(name_of('m', i), O_CREAT | O_RDWR, 0644));
	want(entries(".") == 52);
	for (int i = 0; i < 52; i++)
		want(unlink(name_of('m', i)) == 0);
	want(open("m0", O_RDONLY) == -1 && errno == ENOENT);
}

const struct user_case name_cases[] = {
	{ "create and delete", create_delete },
	{ "create at once", create_at_once },
	{ "link and unlink", link_unlink },
	{ "links", links },
	{ "many links", many_links },
	{ "subdirectories", subdirectories },
	{ "dots", dots },
	{ "a file as directory", file_as_directory },
	{ "long names", long_names },
	{ "deep", deep },
	{ "working directory removed", removed_cwd },
	{ "opened while removed", open_while_removed },
	{ "many files", many_files },
	{ NULL, NULL },
};
