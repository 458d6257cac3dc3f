/*
 * Walking through a tree of files (POSIX.1-2017).
 */
#ifndef CASTLE_FTW_H
#define CASTLE_FTW_H

#include <sys/stat.h>

/* What the function is called with. */
enum {
	FTW_F,   /* a file that is no directory */
	FTW_D,   /* a directory, before what is in it */
	FTW_DNR, /* a directory that cannot be read */
	FTW_NS,  /* of which there is no status */
	FTW_DP,  /* a directory, after what is in it (FTW_DEPTH) */
	FTW_SL,  /* a symbolic link; Castle has none */
	FTW_SLN, /* to nothing */
};

/* For nftw(). */
#define FTW_PHYS  1 /* no symbolic link is followed */
#define FTW_MOUNT 2 /* no other file system is entered */
#define FTW_CHDIR 4 /* the working directory is where the file is */
#define FTW_DEPTH 8 /* directories after what is in them */

struct FTW {
	int base;  /* where the file's name begins in the path */
	int level; /* directories down from the start */
};

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Calls the function for each file until it returns something else than 0, which is the result; -1
 * with errno if the walk fails. One directory is open for each level, whatever the number says.
 */
int ftw(const char *path, int (*function)(const char *, const struct stat *, int), int directories);
int nftw(const char *path, int (*function)(const char *, const struct stat *, int, struct FTW *),
	 int directories, int flags);

#ifdef __cplusplus
}
#endif

#endif
