/*
 * The room in the file system, for which the path or descriptor must be good: there is one file
 * system.
 */
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include "result.h"

#define BLOCK_BYTES 4096

static int room(struct statvfs *status)
{
	struct castle_memory_info memory;

	if (result_of(castle_info(CASTLE_INFO_MEMORY, &memory, sizeof memory)) < 0)
		return -1;
	*status = (struct statvfs){
		.f_bsize = BLOCK_BYTES,
		.f_frsize = BLOCK_BYTES,
		.f_blocks = memory.total_pages,
		.f_bfree = memory.free_pages,
		.f_bavail = memory.free_pages,
		.f_namemax = NAME_MAX,
	};
	return 0;
}

int statvfs(const char *restrict path, struct statvfs *restrict status)
{
	struct stat file;

	return stat(path, &file) ? -1 : room(status);
}

int fstatvfs(int fd, struct statvfs *status)
{
	struct stat file;

	return fstat(fd, &file) ? -1 : room(status);
}
