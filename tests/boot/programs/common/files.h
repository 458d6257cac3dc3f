/*
 * Small files with text in them.
 */
#ifndef TESTS_BOOT_COMMON_FILES_H
#define TESTS_BOOT_COMMON_FILES_H

#include <stdbool.h>

/* Makes the file, or writes it anew. */
void make_file(const char *path, const char *content);

/* True if it is there and has this content, of at most 62 characters. */
bool file_is(const char *path, const char *content);

#endif
