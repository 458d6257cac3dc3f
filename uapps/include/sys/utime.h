/*
 * File times in seconds, for <utime.h>.
 */
#ifndef CASTLE_SYS_UTIME_H
#define CASTLE_SYS_UTIME_H

#include <sys/types.h>

struct utimbuf {
	time_t actime;
	time_t modtime;
};

/* Sets a file's times, or to now if `times` is null. */
int utime(const char *path, const struct utimbuf *times);

#endif
