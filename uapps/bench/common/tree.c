/*
 * The tree is as wide and as deep as that for which Linux's figure is known (docs/benchmarks.md):
 * 4,101 files, 40 in each of a hundred directories.
 */
#include "bench.h"
#include "tree.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_SIZE 64

static void directory_path(char *path, unsigned directory)
{
	snprintf(path, PATH_SIZE, TREE_PATH "/d%u", directory);
}

static void file_path(char *path, unsigned directory, unsigned file)
{
	snprintf(path, PATH_SIZE, TREE_PATH "/d%u/f%u", directory, file);
}

static void make_file(const char *path)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0644);

	bench_check(fd >= 0 && write(fd, "x", 1) == 1 && close(fd) == 0, path);
}

void tree_make(void)
{
	char path[PATH_SIZE];

	bench_check(mkdir(TREE_PATH, 0755) == 0, TREE_PATH);
	for (unsigned i = 0; i < TREE_DIRECTORIES; i++) {
		directory_path(path, i);
		bench_check(mkdir(path, 0755) == 0, path);
		for (unsigned j = 0; j < TREE_FILES_EACH; j++) {
			file_path(path, i, j);
			make_file(path);
		}
	}
}

void tree_remove(void)
{
	char path[PATH_SIZE];

	for (unsigned i = 0; i < TREE_DIRECTORIES; i++) {
		for (unsigned j = 0; j < TREE_FILES_EACH; j++) {
			file_path(path, i, j);
			bench_check(unlink(path) == 0, path);
		}
		directory_path(path, i);
		bench_check(rmdir(path) == 0, path);
	}
	bench_check(rmdir(TREE_PATH) == 0, TREE_PATH);
}
