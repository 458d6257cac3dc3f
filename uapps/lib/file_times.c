/*
 * Setting a file's times. Castle keeps the time of the last modification; the access time given is
 * checked and dropped.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <utime.h>
#include "at.h"
#include "result.h"

#define NANOSECONDS_PER_SECOND      1000000000
#define NANOSECONDS_PER_MICROSECOND 1000

static int bad_time(const struct timespec *time)
{
	return time->tv_sec < 0 || time->tv_sec > UINT32_MAX || time->tv_nsec < 0 ||
	       time->tv_nsec >= NANOSECONDS_PER_SECOND;
}

int utimensat(int directory, const char *name, const struct timespec *times, int flags)
{
	struct castle_timespec castle[2];
	struct path_at room;
	const char *path = path_at(directory, name, &room);

	if (flags & ~AT_SYMLINK_NOFOLLOW)
		return failure(EINVAL);
	if (!path)
		return -1;
	if (!times)
		return result_of(castle_call2(CASTLE_CALL_utime, address(path), 0));
	for (int index = 0; index < 2; index++) {
		if (bad_time(&times[index]))
			return failure(EINVAL);
		castle[index].seconds = times[index].tv_sec;
		castle[index].nanoseconds = times[index].tv_nsec;
	}
	return result_of(castle_call2(CASTLE_CALL_utime, address(path), address(castle)));
}

int utimes(const char *path, const struct timeval *times)
{
	struct timespec precise[2];

	if (!times)
		return utimensat(AT_FDCWD, path, NULL, 0);
	for (int index = 0; index < 2; index++) {
		precise[index].tv_sec = times[index].tv_sec;
		precise[index].tv_nsec = times[index].tv_usec * NANOSECONDS_PER_MICROSECOND;
	}
	return utimensat(AT_FDCWD, path, precise, 0);
}

int utime(const char *path, const struct utimbuf *times)
{
	struct timespec precise[2];

	if (!times)
		return utimensat(AT_FDCWD, path, NULL, 0);
	precise[0] = (struct timespec){ times->actime, 0 };
	precise[1] = (struct timespec){ times->modtime, 0 };
	return utimensat(AT_FDCWD, path, precise, 0);
}
