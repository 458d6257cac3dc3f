/*
 * From an inode to an open file.
 */
#ifndef KERNEL_FS_OPEN_H
#define KERNEL_FS_OPEN_H

#include <stdint.h>

struct device;
struct file;
struct file_ops;
struct inode;

/*
 * Opens the file at `path`, a string of the kernel's, with open()'s flags and mode, as a struct
 * file with one reference. 0, path lookup's errors, -EEXIST, -EISDIR, -EROFS, -EINVAL (access
 * mode), -ENOSPC, -ENOMEM, or what a device's driver answers. The caller has a reference to
 * `directory`. Caller holds nothing.
 */
int file_open(struct inode *directory, const char *path, uint32_t flags, uint32_t mode,
	      struct file **result);

/*
 * What open files of a device do: what its driver does, and the errors of what that leaves out.
 * Never freed, as devices stay. NULL when memory is out. At boot.
 */
const struct file_ops *device_file_ops(const struct device *device);

#endif
