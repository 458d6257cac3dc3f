/*
 * newlib's <sys/stat.h> and what it keeps to other systems.
 */
#ifndef CASTLE_SYS_STAT_H
#define CASTLE_SYS_STAT_H

#include_next <sys/stat.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Of a symbolic link itself. */
int lstat(const char *__restrict path, struct stat *__restrict buffer);

#ifdef __cplusplus
}
#endif

#endif
