/*
 * The file system's functions for tests whose paths are constants.
 */
#ifndef TESTS_HOST_PATHS_H
#define TESTS_HOST_PATHS_H

#include <stdio.h>
#include "kernel/fs/path.h"

/* Paths lie in memory that can be read for PATH_SLACK bytes beyond their ends: a few at a time. */
static inline const char *in_buffer(const char *path)
{
	static char buffers[4][4 * PATH_BUFFER];
	static unsigned next;
	char *buffer = buffers[next++ % 4];

	snprintf(buffer, sizeof *buffers, "%s", path);
	return buffer;
}

#define path_mkdir(directory, path, mode)    path_mkdir(directory, in_buffer(path), mode)
#define path_rmdir(directory, path)          path_rmdir(directory, in_buffer(path))
#define path_unlink(directory, path)         path_unlink(directory, in_buffer(path))
#define path_lookup(directory, path, result) path_lookup(directory, in_buffer(path), result)
#define path_link(directory, old, new)       path_link(directory, in_buffer(old), in_buffer(new))
#define path_rename(directory, old, new)     path_rename(directory, in_buffer(old), in_buffer(new))
#define path_open(directory, path, flags, mode, result) \
	path_open(directory, in_buffer(path), flags, mode, result)

#endif
