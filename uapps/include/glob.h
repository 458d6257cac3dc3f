/*
 * newlib's <glob.h>, with POSIX's answer if nothing matches: newlib's glob() returns 0 and no path.
 */
#ifndef CASTLE_GLOB_H
#define CASTLE_GLOB_H

#include_next <glob.h>

#define GLOB_NOMATCH (-3)
#ifndef GLOB_ABORTED
#define GLOB_ABORTED GLOB_ABEND
#endif

#ifdef __cplusplus
extern "C" {
#endif

int castle_glob(const char *pattern, int flags, int (*error)(const char *, int), glob_t *paths);

#ifdef __cplusplus
}
#endif

#ifndef CASTLE_GLOB_IS_NEWLIBS
#define glob castle_glob
#endif

#endif
