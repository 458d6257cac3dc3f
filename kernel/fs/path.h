/*
 * The calls on paths, with POSIX's meanings and errors. A path is NUL-terminated and may have ".",
 * "..", repeated and trailing slashes; a relative one starts at `directory`, to which the caller
 * has a reference (and which may be NULL for others). PATH_SLACK bytes behind the NUL may be read.
 * Symbolic links are followed, but for what is said. All of them may answer -ENOENT, -ENOTDIR,
 * -ENAMETOOLONG, -ELOOP, -ENOMEM.
 *
 * Contract of all functions here: Caller holds nothing; frees inodes that lose their last
 * reference.
 */
#ifndef KERNEL_FS_PATH_H
#define KERNEL_FS_PATH_H

#include <stddef.h>
#include <stdint.h>
#include <castle/abi.h>

struct device;
struct inode;

/* Characters are looked at four at a time. */
#define PATH_SLACK 3u

/* What a path that is built, or copied from a program, lies in. */
#define PATH_BUFFER (CASTLE_PATH_MAX + PATH_SLACK)

/* 0 with a reference in *result. */
int path_lookup(struct inode *directory, const char *path, struct inode **result);

/* The same, but a path that ends in a symbolic link's name means the link. */
int path_lookup_link(struct inode *directory, const char *path, struct inode **result);

/*
 * Looks up, creates or truncates as the flags say: where a symbolic link leads, unless that is
 * refused. 0 with a reference in *result; -EEXIST, -EISDIR, -EROFS, -ENOSPC.
 */
int path_open(struct inode *directory, const char *path, uint32_t flags, uint32_t mode,
	      struct inode **result);

/*
 * The last component is the name itself, symbolic link or not, for these. For the old path of
 * path_link(), too: a link to a link.
 */
int path_mkdir(struct inode *directory, const char *path, uint32_t mode);
int path_rmdir(struct inode *directory, const char *path);
int path_unlink(struct inode *directory, const char *path);
int path_link(struct inode *directory, const char *old_path, const char *new_path);
int path_rename(struct inode *directory, const char *old_path, const char *new_path);

/* Makes a symbolic link. `target` is NUL-terminated. -EEXIST, -ENOSPC. */
int path_symlink(struct inode *directory, const char *target, const char *path);

/*
 * The absolute path of a directory into `buffer`; its length, NUL included, or -ERANGE, or -ENOENT
 * if it was removed. Caller holds nothing.
 */
int path_of_directory(const struct inode *directory, char *buffer, size_t size);

/* Makes a device node; -EEXIST, -ENOSPC, and path lookup's errors. At boot. */
int path_make_device(const char *path, struct device *device);

/*
 * Makes a regular, read-only file whose content stays where it is (a boot module): `data` is
 * page-aligned and never freed. Truncating or writing it fails with -EROFS. `owner` is whoever made
 * it: for /bin, the code package. -EEXIST, -ENOSPC, and path lookup's errors. At boot.
 */
int path_make_static(const char *path, const void *data, uint32_t size, uint32_t mode,
		     const void *owner);

#endif
