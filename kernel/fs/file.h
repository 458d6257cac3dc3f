/*
 * Open files: what a descriptor refers to. One struct file may be shared by descriptors and
 * processes (dup, fork); its kind is its operations table.
 */
#ifndef KERNEL_FS_FILE_H
#define KERNEL_FS_FILE_H

#include <stdint.h>
#include <castle/abi.h>
#include "kernel/mem/user_copy.h"

struct file;
struct inode;

/*
 * Operations may be absent: the call then fails with the errno that POSIX gives for such a file
 * (read and write: -EBADF, ioctl: -ENOTTY, lseek: -ESPIPE, truncate: -EINVAL, getdents: -ENOTDIR).
 * read, write and ioctl may return CALL_BLOCKED: the thread then waits, and the call starts over.
 */
struct file_ops {
	int (*read)(struct file *file, user_addr_t buffer, uint32_t size);
	int (*write)(struct file *file, user_addr_t buffer, uint32_t size);
	int (*lseek)(struct file *file, int32_t offset, int whence);
	int (*ioctl)(struct file *file, uint32_t request, user_addr_t argument);
	int (*stat)(struct file *file, struct castle_stat *stat);
	int (*truncate)(struct file *file, uint32_t size);
	int (*getdents)(struct file *file, user_addr_t buffer, uint32_t size);
	void (*release)(struct file *file); /* the last reference is going */
};

struct file {
	const struct file_ops *ops;
	uint32_t references;
	uint32_t flags; /* CASTLE_O_*: access mode, APPEND, NONBLOCK */
	uint32_t offset;
	struct inode *inode; /* NULL for pipes and ports */
	void *data;          /* the operations' own: a pipe, a device's state */
};

void file_init_cache(void);

/*
 * A file with one reference and the given operations, or NULL when memory is out. Takes
 * over the caller's reference to `inode`.
 */
struct file *file_create(const struct file_ops *ops, uint32_t flags, struct inode *inode,
			 void *data);

static inline struct file *file_reference(struct file *file)
{
	file->references++;
	return file;
}

/* Drops a reference; the last one releases the file. */
void file_release(struct file *file);

#endif
