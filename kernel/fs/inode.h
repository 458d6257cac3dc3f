/*
 * The RAM file system: inodes, directories, path lookup. Everything is in memory at all times
 * (Section 3.2.3), so nothing here ever waits. An inode lives while it has links or references.
 */
#ifndef KERNEL_FS_INODE_H
#define KERNEL_FS_INODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <castle/abi.h>
#include "kernel/lib/list.h"
#include "kernel/mem/user_copy.h"

struct device;
struct inode;

/* Creates the root directory. 0 or -ENOMEM. */
int inode_root_create(void);
struct inode *inode_root(void);

struct inode *inode_reference(struct inode *inode);
void inode_release(struct inode *inode);

/*
 * Path lookup. `path` is NUL-terminated; relative paths start at `directory`. Understands ".",
 * "..", repeated and trailing slashes. 0 with a reference in *result, or -ENOENT, -ENOTDIR,
 * -ENAMETOOLONG.
 */
int path_lookup(struct inode *directory, const char *path, struct inode **result);

/* The absolute path of a directory into `buffer`; its length, NUL included, or -ERANGE, -ENOENT. */
int path_of_directory(struct inode *directory, char *buffer, size_t size);

/*
 * The calls on names, with POSIX's meanings and errors. Paths relative to `directory`.
 */
int path_open(struct inode *directory, const char *path, uint32_t flags, uint32_t mode,
	      struct inode **result); /* looks up, creates or truncates as flags say; checks type */
int path_mkdir(struct inode *directory, const char *path, uint32_t mode);
int path_rmdir(struct inode *directory, const char *path);
int path_unlink(struct inode *directory, const char *path);
int path_link(struct inode *directory, const char *old_path, const char *new_path);
int path_rename(struct inode *directory, const char *old_path, const char *new_path);

/* Makes a device node; -EEXIST, -ENOMEM, and path lookup's errors. */
int path_make_device(const char *path, struct device *device);

/*
 * Makes a regular, read-only file whose content stays where it is (a boot module): `data` is
 * page-aligned and never freed. Truncating or writing it fails with -EROFS. `owner` is whoever made
 * it: for /bin, the code package.
 */
int path_make_static(const char *path, const void *data, uint32_t size, uint32_t mode,
		     const void *owner);

/* The owner of a file made by path_make_static(); NULL for any other inode. */
const void *inode_owner(const struct inode *inode);

bool inode_is_regular(const struct inode *inode);

/* Content, in kernel memory. Bytes moved, or -EISDIR, -EINVAL, -ENOSPC (memory out), -EFBIG,
 * -EROFS. */
int inode_read(struct inode *inode, uint32_t offset, void *buffer, uint32_t size);
int inode_write(struct inode *inode, uint32_t offset, const void *buffer, uint32_t size);

/*
 * The same, to and from the active program's memory; -EFAULT where nothing at all could be moved.
 */
int inode_read_user(struct inode *inode, uint32_t offset, user_addr_t buffer, uint32_t size);
int inode_write_user(struct inode *inode, uint32_t offset, user_addr_t buffer, uint32_t size);

/* Sets the size; grows with zeros. 0, -EISDIR, -EINVAL, -EFBIG, -ENOSPC, -EROFS. */
int inode_truncate(struct inode *inode, uint32_t size);

void inode_stat(const struct inode *inode, struct castle_stat *stat);

#endif
