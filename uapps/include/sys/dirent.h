/*
 * Directory streams, for <dirent.h>.
 */
#ifndef CASTLE_SYS_DIRENT_H
#define CASTLE_SYS_DIRENT_H

#include <sys/types.h>

typedef struct __castle_directory DIR;

struct dirent {
	ino_t d_ino;
	unsigned char d_type; /* DT_* */
	char d_name[256];
};

#define d_fileno d_ino
#define _DIRENT_HAVE_D_TYPE

/* Types of entries: the file type bits of st_mode, shifted down. */
#define DT_UNKNOWN 0
#define DT_FIFO    1
#define DT_CHR     2
#define DT_DIR     4
#define DT_BLK     6
#define DT_REG     8
#define DT_LNK     10
#define DT_SOCK    12

struct stat;

/*
 * The status of the file whose entry readdir() returned last, as it was when the directory was
 * read: what stat() would say, without a call to the kernel. EINVAL: none has been returned yet.
 */
int castle_readdir_stat(DIR *directory, struct stat *status);

#define IFTODT(mode) (((mode)&0170000) >> 12)
#define DTTOIF(type) ((type) << 12)

#endif
