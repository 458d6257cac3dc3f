/*
 * ftw() and nftw(): a walk through a tree of files, in the order of the directories. Castle has one
 * file system and no symbolic links, so FTW_MOUNT and FTW_PHYS change nothing.
 */
#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>
#include "result.h"

typedef int (*ftw_function)(const char *, const struct stat *, int);
typedef int (*nftw_function)(const char *, const struct stat *, int, struct FTW *);

struct walk {
	char path[PATH_MAX];
	size_t length;
	ftw_function plain; /* one of the two */
	nftw_function function;
	int flags;
	int level;
};

static int walk_here(struct walk *walk, int base);

static int tell(struct walk *walk, const struct stat *status, int what, int base)
{
	struct FTW where = { base, walk->level };

	if (walk->plain)
		return walk->plain(walk->path, status, what);
	return walk->function(walk->path, status, what, &where);
}

static bool is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Goes on with this entry of the directory that the path names, and comes back to that. */
static int walk_entry(struct walk *walk, const char *name)
{
	const size_t length = walk->length, size = strlen(name);
	const size_t slash = length > 0 && walk->path[length - 1] != '/';
	int result;

	if (length + slash + size >= sizeof walk->path)
		return failure(ENAMETOOLONG);
	walk->path[length] = '/';
	memcpy(walk->path + length + slash, name, size + 1);
	walk->length = length + slash + size;
	result = walk_here(walk, length + slash);
	walk->length = length;
	walk->path[length] = '\0';
	return result;
}

static int walk_directory(struct walk *walk, DIR *directory)
{
	const struct dirent *entry;
	int result = 0;

	walk->level++;
	while (!result && (entry = readdir(directory)))
		if (!is_dots(entry->d_name))
			result = walk_entry(walk, entry->d_name);
	walk->level--;
	return result;
}

/* The working directory is this one for what is in it, and its parent for itself. */
static int directory_enter(const struct walk *walk, const char *path)
{
	return walk->flags & FTW_CHDIR ? chdir(path) : 0;
}

static int walk_tree(struct walk *walk, const struct stat *status, int base)
{
	const bool later = walk->flags & FTW_DEPTH;
	const char *name =
		walk->flags & FTW_CHDIR && walk->level > 0 ? walk->path + base : walk->path;
	DIR *directory = opendir(name);
	int result = 0;

	if (!directory)
		return errno == EACCES ? tell(walk, status, FTW_DNR, base) : -1;
	if (!later)
		result = tell(walk, status, FTW_D, base);
	if (!result)
		result = directory_enter(walk, name);
	if (!result) {
		result = walk_directory(walk, directory);
		if (directory_enter(walk, "..") != 0)
			result = -1;
	}
	closedir(directory);
	if (!result && later)
		result = tell(walk, status, FTW_DP, base);
	return result;
}

static int walk_here(struct walk *walk, int base)
{
	const bool inside = walk->flags & FTW_CHDIR && walk->level > 0;
	struct stat status;

	if (stat(inside ? walk->path + base : walk->path, &status) != 0)
		return errno == EACCES && walk->level > 0 ? tell(walk, &status, FTW_NS, base) : -1;
	if (S_ISDIR(status.st_mode))
		return walk_tree(walk, &status, base);
	return tell(walk, &status, FTW_F, base);
}

static int walk_from(const char *path, struct walk *walk)
{
	const char *slash = strrchr(path, '/');
	char before[PATH_MAX];
	int result;

	walk->length = strlen(path);
	if (walk->length >= sizeof walk->path)
		return failure(ENAMETOOLONG);
	strcpy(walk->path, path);
	if (walk->flags & FTW_CHDIR && !getcwd(before, sizeof before))
		return -1;
	result = walk_here(walk, slash && slash[1] ? slash + 1 - path : 0);
	if (walk->flags & FTW_CHDIR && chdir(before) != 0)
		return -1;
	return result;
}

int ftw(const char *path, ftw_function function, int directories)
{
	struct walk walk = { .plain = function };

	(void)directories;
	return walk_from(path, &walk);
}

int nftw(const char *path, nftw_function function, int directories, int flags)
{
	struct walk walk = { .function = function, .flags = flags };

	(void)directories;
	return walk_from(path, &walk);
}
