/*
 * What there is of room in the file system: it is memory.
 */
#ifndef CASTLE_SYS_STATVFS_H
#define CASTLE_SYS_STATVFS_H

#include <sys/types.h>

struct statvfs {
	unsigned long f_bsize, f_frsize;        /* of a block: a page */
	fsblkcnt_t f_blocks, f_bfree, f_bavail; /* blocks: of memory, and that are free */
	fsfilcnt_t f_files, f_ffree, f_favail;  /* files are limited by memory alone: 0 */
	unsigned long f_fsid, f_flag, f_namemax;
};

#define ST_RDONLY 1
#define ST_NOSUID 2

#ifdef __cplusplus
extern "C" {
#endif

int statvfs(const char *__restrict path, struct statvfs *__restrict status);
int fstatvfs(int fd, struct statvfs *status);

#ifdef __cplusplus
}
#endif

#endif
