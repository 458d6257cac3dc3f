/*
 * Names below an open directory.
 */
#ifndef UAPPS_LIB_AT_H
#define UAPPS_LIB_AT_H

#include <castle/abi.h>

struct path_at {
	char path[CASTLE_PATH_MAX];
};

/*
 * The path of what is called `name` below the directory that the descriptor stands for (AT_FDCWD:
 * the working directory): `name` itself or what `room` then holds. NULL, with errno, if the
 * descriptor is no directory's.
 */
const char *path_at(int directory, const char *name, struct path_at *room);

#endif
