/*
 * Taking paths apart: basename(), dirname() and realpath(), which has no `.`, no `..`, no double
 * slash and no symbolic link.
 */
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "result.h"

static char dot[] = ".", slash[] = "/";

/* Cuts slashes off the end; the length that is left, 1 for a path of slashes alone. */
static size_t without_slashes(const char *path, size_t length)
{
	while (length > 1 && path[length - 1] == '/')
		length--;
	return length;
}

char *basename(char *path)
{
	char *last;

	if (!path || !*path)
		return dot;
	path[without_slashes(path, strlen(path))] = '\0';
	last = strrchr(path, '/');
	return last && last[1] ? last + 1 : path;
}

char *dirname(char *path)
{
	size_t length;

	if (!path || !*path)
		return dot;
	length = without_slashes(path, strlen(path));
	while (length > 0 && path[length - 1] != '/')
		length--;
	if (length == 0)
		return dot;
	length = without_slashes(path, length);
	if (length == 1)
		return slash;
	path[length] = '\0';
	return path;
}

#define LINKS_MAX 40

/* A path on its way to being a real one. */
struct resolution {
	char *real; /* what is done, without a slash at its end; of CASTLE_PATH_MAX bytes */
	size_t length;
	char left[CASTLE_PATH_MAX]; /* what is not */
	unsigned links;
};

/* Puts what a link says in front of what is left. 0, or -1 with errno. */
static int resolution_splice(struct resolution *path, const char *target, const char *behind)
{
	const size_t length = strlen(target), rest = strlen(behind);

	if (length + rest + 1 > sizeof path->left)
		return failure(ENAMETOOLONG);
	if (++path->links > LINKS_MAX)
		return failure(ELOOP);
	memmove(path->left + length, behind, rest + 1);
	memcpy(path->left, target, length);
	return 0;
}

static void resolution_go_up(struct resolution *path)
{
	while (path->length > 0 && path->real[--path->length] != '/')
		;
	path->real[path->length] = '\0';
}

/* The last component of what is done is new: it must be there, and a link is replaced. */
static int resolution_look(struct resolution *path, const char *behind)
{
	char target[CASTLE_PATH_MAX];
	struct stat file;
	ssize_t length;

	if (lstat(path->real, &file) != 0)
		return -1;
	if (!S_ISLNK(file.st_mode)) {
		memmove(path->left, behind, strlen(behind) + 1);
		return *behind && !S_ISDIR(file.st_mode) ? failure(ENOTDIR) : 0;
	}
	length = readlink(path->real, target, sizeof target - 1);
	if (length < 0)
		return -1;
	target[length] = '\0';
	if (target[0] == '/')
		path->length = 0;
	else
		resolution_go_up(path);
	return resolution_splice(path, target, behind);
}

/* One component of what is left. */
static int resolution_step(struct resolution *path)
{
	const char *component = path->left + strspn(path->left, "/");
	const size_t size = strcspn(component, "/");

	if (size == 0 || (size == 1 && component[0] == '.')) {
		memmove(path->left, component + size, strlen(component + size) + 1);
		return 0;
	}
	if (size == 2 && component[0] == '.' && component[1] == '.') {
		resolution_go_up(path);
		memmove(path->left, component + size, strlen(component + size) + 1);
		return 0;
	}
	if (path->length + size + 2 > CASTLE_PATH_MAX)
		return failure(ENAMETOOLONG);
	path->real[path->length++] = '/';
	memcpy(path->real + path->length, component, size);
	path->length += size;
	path->real[path->length] = '\0';
	return resolution_look(path, component + size);
}

static int resolve(const char *name, char *real)
{
	struct resolution path = { .real = real };

	if (strlen(name) >= sizeof path.left)
		return failure(ENAMETOOLONG);
	strcpy(path.left, name);
	if (*name != '/') {
		if (!getcwd(real, CASTLE_PATH_MAX))
			return -1;
		path.length = strcmp(real, "/") == 0 ? 0 : strlen(real);
	}
	while (path.left[0])
		if (resolution_step(&path) != 0)
			return -1;
	strcpy(real + path.length, path.length ? "" : "/");
	return 0;
}

char *realpath(const char *restrict path, char *restrict resolved)
{
	char real[CASTLE_PATH_MAX];

	if (!path || !*path) {
		errno = path ? ENOENT : EINVAL;
		return NULL;
	}
	if (resolve(path, real) != 0)
		return NULL;
	return resolved ? strcpy(resolved, real) : strdup(real);
}

/* POSIX has given this up; `path` has room for PATH_MAX bytes. */
char *getwd(char *path)
{
	return getcwd(path, PATH_MAX);
}
