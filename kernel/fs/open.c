/*
 * Opening files, and the operations of regular files, directories and devices.
 */
#include "kernel/fs/open.h"

#include <castle/errno.h>
#include "kernel/dev/device.h"
#include "kernel/fs/file.h"
#include "kernel/fs/inode_internal.h"
#include "kernel/fs/path.h"
#include "kernel/lock/domain.h"
#include "kernel/lock/lock.h"
#include "kernel/mem/slab.h"

#define SEEK_FROM_START   0
#define SEEK_FROM_CURRENT 1
#define SEEK_FROM_END     2

/* The offset and what lies there are read and changed together: takes file, then inode. */
static int regular_read(struct file *file, user_addr_t buffer, uint32_t size)
{
	const int count = inode_read_user(file->inode, file->offset, buffer, size);

	assert_held(file);
	if (count > 0)
		file->offset += count;
	return count;
}

/* Takes file, then inode, so that two who append do not overwrite each other. */
static int regular_write(struct file *file, user_addr_t buffer, uint32_t size)
{
	int count;

	assert_held(file);
	if (file->flags & CASTLE_O_APPEND)
		file->offset = inode_size(file->inode);
	count = inode_write_user(file->inode, file->offset, buffer, size);
	if (count > 0)
		file->offset += count;
	return count;
}

/* Takes file; and inode, for the end. */
static int regular_lseek(struct file *file, int32_t offset, int whence)
{
	int64_t target = offset;

	assert_held(file);
	if (whence == SEEK_FROM_CURRENT)
		target += file->offset;
	else if (whence == SEEK_FROM_END)
		target += inode_size(file->inode);
	else if (whence != SEEK_FROM_START)
		return -EINVAL;
	if (target < 0)
		return -EINVAL;
	if (target > INT32_MAX)
		return -EOVERFLOW;
	file->offset = target;
	return target;
}

/* Takes inode. */
static int file_inode_stat(struct file *file, struct castle_stat *stat)
{
	inode_lock(file->inode);
	inode_stat(file->inode, stat);
	inode_unlock(file->inode);
	return 0;
}

/* Takes inode. */
static int regular_truncate(struct file *file, uint32_t size)
{
	int error;

	inode_lock(file->inode);
	error = inode_truncate(file->inode, size);
	inode_unlock(file->inode);
	return error;
}

static const struct file_ops regular_ops = {
	.read = regular_read,
	.write = regular_write,
	.lseek = regular_lseek,
	.stat = file_inode_stat,
	.truncate = regular_truncate,
};

#ifdef CASTLE_SMP
/* A call into the file system, which has one lock. */
static int regular_read_locked(struct file *file, user_addr_t buffer, uint32_t size)
{
	return lock_around(files, &files_lock, regular_read(file, buffer, size));
}

static int regular_write_locked(struct file *file, user_addr_t buffer, uint32_t size)
{
	return lock_around(files, &files_lock, regular_write(file, buffer, size));
}

static int regular_lseek_locked(struct file *file, int32_t offset, int whence)
{
	return lock_around(files, &files_lock, regular_lseek(file, offset, whence));
}

LOCK_POINTER(regular_ops.read, regular_read_locked, files);
LOCK_POINTER(regular_ops.write, regular_write_locked, files);
LOCK_POINTER(regular_ops.lseek, regular_lseek_locked, files);

/* Where each inode has a lock, that is for the offsets of the files, too, that are open on it. */
static int regular_read_own(struct file *file, user_addr_t buffer, uint32_t size)
{
	return lock_around(inode, &file->inode->lock, regular_read(file, buffer, size));
}

static int regular_write_own(struct file *file, user_addr_t buffer, uint32_t size)
{
	return lock_around(inode, &file->inode->lock, regular_write(file, buffer, size));
}

static int regular_lseek_own(struct file *file, int32_t offset, int whence)
{
	return lock_around(inode, &file->inode->lock, regular_lseek(file, offset, whence));
}

LOCK_POINTER(regular_ops.read, regular_read_own, inode);
LOCK_POINTER(regular_ops.write, regular_write_own, inode);
LOCK_POINTER(regular_ops.lseek, regular_lseek_own, inode);
#endif

static int directory_no_read(struct file *file, user_addr_t buffer, uint32_t size)
{
	(void)file, (void)buffer, (void)size;
	return -EISDIR;
}

/* A directory is read from its start, or from where it was left: positions mean nothing else. */
static int directory_lseek(struct file *file, int32_t offset, int whence)
{
	if (whence != SEEK_FROM_START || offset < 0)
		return -EINVAL;
	inode_lock(file->inode);
	file->offset = offset;
	inode_unlock(file->inode);
	return offset;
}

/* Takes names, then file: the order of all who hold both. */
static int directory_getdents(struct file *file, user_addr_t buffer, uint32_t size)
{
	int count;

	inode_lock(file->inode);
	count = directory_read(file->inode, &file->offset, buffer, size);
	inode_unlock(file->inode);
	return count;
}

static const struct file_ops directory_ops = {
	.read = directory_no_read,
	.lseek = directory_lseek,
	.stat = file_inode_stat,
	.getdents = directory_getdents,
};

static int device_no_transfer(struct file *file, user_addr_t buffer, uint32_t size)
{
	(void)file, (void)buffer, (void)size;
	return -ENODEV;
}

#ifdef CASTLE_SMP
static const struct device_ops *device_of(const struct file *file)
{
	return file->inode->node.device->ops;
}

/* The value of the expression, found under the lock of the file's driver. */
#define driver_around(file, expression)                      \
	({                                                   \
		struct driver_lock *around_lock;             \
		around_lock = device_of(file)->lock;         \
		driver_enter(around_lock);                   \
		const typeof(expression) value = expression; \
		driver_leave(around_lock);                   \
		value;                                       \
	})

static int device_read_locked(struct file *file, user_addr_t buffer, uint32_t size)
{
	return driver_around(file, device_of(file)->read(file, buffer, size));
}

static int device_write_locked(struct file *file, user_addr_t buffer, uint32_t size)
{
	return driver_around(file, device_of(file)->write(file, buffer, size));
}

static int device_ioctl_locked(struct file *file, uint32_t request, user_addr_t argument)
{
	return driver_around(file, device_of(file)->ioctl(file, request, argument));
}

static uint32_t device_ready_locked(struct file *file)
{
	return driver_around(file, device_of(file)->ready(file));
}

static void device_release_locked(struct file *file)
{
	const struct device_ops *device = device_of(file);

	driver_enter(device->lock);
	device->close(file);
	driver_leave(device->lock);
}

static void device_ops_lock(struct file_ops *ops, const struct device_ops *device)
{
	if (!lock_is_used(LOCK_BIT(kernel) | LOCK_BIT(driver)) || !device->lock)
		return;
	if (ops->read != device_no_transfer)
		ops->read = device_read_locked;
	if (ops->write != device_no_transfer)
		ops->write = device_write_locked;
	if (ops->ioctl)
		ops->ioctl = device_ioctl_locked;
	if (ops->ready)
		ops->ready = device_ready_locked;
	if (ops->release)
		ops->release = device_release_locked;
}
#else
static void device_ops_lock(struct file_ops *ops, const struct device_ops *device)
{
	(void)ops;
	(void)device;
}
#endif

const struct file_ops *device_file_ops(const struct device *device)
{
	struct file_ops *ops = kmem_alloc(sizeof *ops);

	if (!ops)
		return NULL;
	*ops = (struct file_ops){
		.read = device->ops->read ? device->ops->read : device_no_transfer,
		.write = device->ops->write ? device->ops->write : device_no_transfer,
		.ioctl = device->ops->ioctl,
		.ready = device->ops->ready,
		.stat = file_inode_stat,
		.release = device->ops->close,
	};
	device_ops_lock(ops, device->ops);
	return ops;
}

/* The driver has the last word; if it refuses, its close operation is not called. */
static int device_open(struct file *file)
{
	struct device *device = file->inode->node.device;
	int error;

	file->ops = file->inode->node.ops;
	file->data = device->data;
	if (!device->ops->open)
		return 0;
	driver_enter(device->ops->lock);
	error = device->ops->open(file);
	driver_leave(device->ops->lock);
	if (error)
		file->ops = &regular_ops;
	return error;
}

/* A file that is no regular one. */
static int special_open(struct file *file)
{
	if (inode_is_device(file->inode))
		return device_open(file);
	file->ops = &directory_ops;
	return 0;
}

int file_open(struct inode *directory, const char *path, uint32_t flags, uint32_t mode,
	      struct file **result)
{
	struct inode *inode;
	struct file *file;
	int error;

	if ((flags & CASTLE_O_ACCMODE) == CASTLE_O_ACCMODE)
		return -EINVAL;
	/* Before anything is created or made empty, which could not be taken back. */
	file = file_create(&regular_ops, flags & ~CASTLE_O_CLOEXEC, NULL, NULL);
	if (!file)
		return -ENOMEM;
	lock_acquire(files, &files_lock);
	error = path_open(directory, path, flags, mode, &inode);
	lock_release(files, &files_lock);
	if (!error) {
		file->inode = inode;
		if (!inode_is_regular(inode))
			error = special_open(file);
	}
	if (error)
		file_release(file);
	*result = file;
	return error;
}
