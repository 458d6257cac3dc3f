/*
 * From the kernel's struct castle_stat to newlib's struct stat.
 */
#include <string.h>
#include "stat_convert.h"

/* Buffer sizes for stdio: a page for files, less for what comes and goes in small pieces. */
#define FILE_BLOCK   4096
#define STREAM_BLOCK 1024

void stat_convert(struct stat *to, const struct castle_stat *from)
{
	memset(to, 0, sizeof(*to));
	to->st_dev = from->device;
	to->st_ino = from->inode;
	to->st_mode = from->mode;
	to->st_nlink = from->links;
	to->st_size = from->size;
	to->st_blksize = S_ISREG(from->mode) ? FILE_BLOCK : STREAM_BLOCK;
	to->st_blocks = from->blocks;
	to->st_mtim.tv_sec = from->modified.seconds;
	to->st_mtim.tv_nsec = from->modified.nanoseconds;
	to->st_atim = to->st_mtim;
	to->st_ctim = to->st_mtim;
}
