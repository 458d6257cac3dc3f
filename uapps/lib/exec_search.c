/*
 * The search for a program along PATH.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <castle/abi.h>
#include "exec_search.h"

#define DEFAULT_PATH "/bin"

/* Writes folder/file; false if it is too long to be a path. An empty folder is the current one. */
static int join(char *path, const char *folder, size_t length, const char *file)
{
	size_t file_length = strlen(file);

	if (length + file_length + 2 > CASTLE_PATH_MAX)
		return 0;
	memcpy(path, folder, length);
	if (length)
		path[length++] = '/';
	memcpy(path + length, file, file_length + 1);
	return 1;
}

int exec_search(const char *file, int (*attempt)(const char *path, void *argument), void *argument)
{
	const char *folder = getenv("PATH");
	char path[CASTLE_PATH_MAX];
	int error = ENOENT;

	if (strchr(file, '/'))
		return attempt(file, argument);
	if (!*file)
		return ENOENT;
	if (!folder)
		folder = DEFAULT_PATH;
	for (;;) {
		size_t length = strcspn(folder, ":");

		error = join(path, folder, length, file) ? attempt(path, argument) : ENAMETOOLONG;
		if (error != ENOENT && error != ENOTDIR)
			return error;
		if (!folder[length])
			return error;
		folder += length + 1;
	}
}
