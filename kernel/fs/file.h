/*
 * Open files: what a descriptor refers to. One struct file may be shared by descriptors and
 * processes (dup, fork); its kind is its operations table.
 */
#ifndef KERNEL_FS_FILE_H
#define KERNEL_FS_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <castle/abi.h>
#include "arch/ia32/reference.h"
#include "kernel/mem/user_copy.h"

struct file;
struct inode;

/*
 * Operations may be absent: the call then fails with the errno that POSIX gives for such a file
 * (ioctl: -ENOTTY, lseek: -ESPIPE, truncate: -EINVAL, getdents: -ENOTDIR). But a file that is open
 * for reading has read, one that is open for writing has write, and each has stat.
 *
 * Their caller has a reference to the file, so that nobody's close() frees it meanwhile, and holds
 * no domain: an operation takes what it looks at. read, write and ioctl may return CALL_BLOCKED:
 * the thread then waits, holding nothing; also its call's reference goes, and the call starts over,
 * with its descriptor, when the thread is woken. So what a file stands for must wake all who wait
 * for it before it goes. release is called with the last reference: nobody else sees the file.
 */
struct file_ops {
	int (*read)(struct file *file, user_addr_t buffer, uint32_t size);
	int (*write)(struct file *file, user_addr_t buffer, uint32_t size);
	int (*lseek)(struct file *file, int32_t offset, int whence);
	int (*ioctl)(struct file *file, uint32_t request, user_addr_t argument);
	int (*stat)(struct file *file, struct castle_stat *stat);
	int (*truncate)(struct file *file, uint32_t size);
	int (*getdents)(struct file *file, user_addr_t buffer, uint32_t size);
	void (*release)(struct file *file);
};

struct file {
	const struct file_ops *ops;
	int32_t references;  /* arch/ia32/reference.h; each descriptor and each call has one */
	uint32_t flags;      /* CASTLE_O_*; the access mode never changes, the rest under `file` */
	uint32_t offset;     /* under `file` */
	struct inode *inode; /* with a reference; NULL for pipes */
	void *data;          /* the operations' own: a pipe, a device's state */
};

/* At boot. */
void file_init_cache(void);

/*
 * A file with one reference and the given operations, or NULL when memory is out. Takes over the
 * caller's reference to `inode`. Any context.
 */
struct file *file_create(const struct file_ops *ops, uint32_t flags, struct inode *inode,
			 void *data);

/* One more reference to a file that the caller has one to. Any context. */
static inline struct file *file_reference(struct file *file)
{
	reference_take(&file->references);
	return file;
}

/* Frees a file that has no reference. Caller holds nothing; frees the file. */
void file_free(struct file *file);

/* Gives a reference back. Caller holds nothing; frees the file. */
static inline void file_release(struct file *file)
{
	if (reference_drop(&file->references))
		file_free(file);
}

/* Of the access modes, none is both O_WRONLY and O_RDWR (file_open()). Any context. */
static inline bool file_is_readable(const struct file *file)
{
	return !(file->flags & CASTLE_O_WRONLY);
}

/* Any context. */
static inline bool file_is_writable(const struct file *file)
{
	return file->flags & (CASTLE_O_WRONLY | CASTLE_O_RDWR);
}

/* The flags that fcntl() shows and sets. */
#define FILE_FLAGS_SETTABLE (CASTLE_O_APPEND | CASTLE_O_NONBLOCK)

/* Caller holds nothing (it takes files). */
void file_set_flags(struct file *file, uint32_t flags);

#endif
