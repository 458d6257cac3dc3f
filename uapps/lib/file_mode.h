/*
 * The file mode creation mask. It is the library's alone: fork() copies it, a new program starts
 * with the usual 022.
 */
#ifndef CASTLE_LIB_FILE_MODE_H
#define CASTLE_LIB_FILE_MODE_H

#include <sys/types.h>

/* The permissions that a file created with `mode` gets. */
mode_t file_mode_masked(mode_t mode);

#endif
