/*
 * Taking paths apart: basename(), dirname() and realpath(). Without symbolic links a real path has
 * merely no `.`, no `..` and no double slash; the working directory knows it.
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

/* Adds a component to a real path of `length` characters without a slash at its end; the new
 * length. */
static size_t add_component(char *real, size_t length, const char *component, size_t size)
{
	if (size == 0 || (size == 1 && component[0] == '.'))
		return length;
	if (size == 2 && component[0] == '.' && component[1] == '.') {
		while (length > 0 && real[--length] != '/')
			;
		return length;
	}
	real[length++] = '/';
	memcpy(real + length, component, size);
	return length + size;
}

static int normalise(const char *path, char real[CASTLE_PATH_MAX])
{
	size_t length = 0;

	if (*path != '/') {
		if (!getcwd(real, CASTLE_PATH_MAX))
			return -1;
		length = strcmp(real, "/") == 0 ? 0 : strlen(real);
	}
	while (*path) {
		const size_t size = strcspn(path, "/");
		if (length + size + 2 > CASTLE_PATH_MAX)
			return failure(ENAMETOOLONG);
		length = add_component(real, length, path, size);
		path += size + (path[size] == '/');
	}
	strcpy(real + length, length ? "" : "/");
	return 0;
}

char *realpath(const char *restrict path, char *restrict resolved)
{
	char real[CASTLE_PATH_MAX];
	struct stat file;

	if (!path || !*path) {
		errno = path ? ENOENT : EINVAL;
		return NULL;
	}
	/* The path as it stands must exist: `none/..` does not. */
	if (stat(path, &file) != 0 || normalise(path, real) != 0)
		return NULL;
	return resolved ? strcpy(resolved, real) : strdup(real);
}

/* POSIX has given this up; `path` has room for PATH_MAX bytes. */
char *getwd(char *path)
{
	return getcwd(path, PATH_MAX);
}
