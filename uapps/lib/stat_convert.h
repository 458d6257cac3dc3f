/*
 * From the kernel's struct castle_stat to newlib's struct stat.
 */
#ifndef CASTLE_LIB_STAT_CONVERT_H
#define CASTLE_LIB_STAT_CONVERT_H

#include <sys/stat.h>
#include <castle/abi.h>

/* Fills all of `to`. Castle keeps one time, that of the last change of the contents. */
void stat_convert(struct stat *to, const struct castle_stat *from);

#endif
