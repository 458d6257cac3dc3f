/*
 * System calls on descriptors.
 */
#include "kernel/calls/file_calls.h"

#include <castle/abi.h>
#include <castle/errno.h>
#include "kernel/fs/file.h"
#include "kernel/fs/inode.h"
#include "kernel/fs/open.h"
#include "kernel/proc/process.h"

/* Counts are returned as signed numbers. */
static uint32_t size_limit(uint32_t size)
{
	return size > INT32_MAX ? INT32_MAX : size;
}

static struct file_table *files(void)
{
	return &current_process()->files;
}

static bool file_is_readable(const struct file *file)
{
	return (file->flags & CASTLE_O_ACCMODE) != CASTLE_O_WRONLY;
}

static bool file_is_writable(const struct file *file)
{
	return (file->flags & CASTLE_O_ACCMODE) != CASTLE_O_RDONLY;
}

int32_t sys_open(user_addr_t path, uint32_t flags, uint32_t mode)
{
	char name[CASTLE_PATH_MAX];
	struct file *file;
	int result = copy_string_from_user(name, path, sizeof name);

	if (result >= 0)
		result = file_open(current_process()->cwd, name, flags, mode, &file);
	if (result < 0)
		return result;
	result = file_table_add(files(), file, 0, flags & CASTLE_O_CLOEXEC);
	if (result < 0)
		file_release(file);
	return result;
}

int32_t sys_close(int fd)
{
	return file_table_close(files(), fd);
}

int32_t sys_read(int fd, user_addr_t buffer, uint32_t size)
{
	struct file *file = file_table_get(files(), fd);

	if (!file || !file->ops->read || !file_is_readable(file))
		return -EBADF;
	return file->ops->read(file, buffer, size_limit(size));
}

int32_t sys_write(int fd, user_addr_t buffer, uint32_t size)
{
	struct file *file = file_table_get(files(), fd);

	if (!file || !file->ops->write || !file_is_writable(file))
		return -EBADF;
	return file->ops->write(file, buffer, size_limit(size));
}

int32_t sys_lseek(int fd, int32_t offset, int whence)
{
	struct file *file = file_table_get(files(), fd);

	if (!file)
		return -EBADF;
	return file->ops->lseek ? file->ops->lseek(file, offset, whence) : -ESPIPE;
}

int32_t sys_fstat(int fd, user_addr_t result)
{
	struct file *file = file_table_get(files(), fd);
	struct castle_stat stat;
	int error;

	if (!file)
		return -EBADF;
	error = file->ops->stat(file, &stat);
	return error ? error : copy_to_user(result, &stat, sizeof stat);
}

int32_t sys_getdents(int fd, user_addr_t buffer, uint32_t size)
{
	struct file *file = file_table_get(files(), fd);

	if (!file)
		return -EBADF;
	return file->ops->getdents ? file->ops->getdents(file, buffer, size_limit(size)) : -ENOTDIR;
}

static int32_t duplicate(int fd, uint32_t minimum, bool cloexec)
{
	struct file *file = file_table_get(files(), fd);
	int result;

	if (!file)
		return -EBADF;
	if (minimum >= CASTLE_OPEN_MAX)
		return -EINVAL;
	result = file_table_add(files(), file, minimum, cloexec);
	if (result >= 0)
		file_reference(file);
	return result;
}

int32_t sys_dup(int fd)
{
	return duplicate(fd, 0, false);
}

int32_t sys_dup2(int fd, int new_fd)
{
	return file_table_dup2(files(), fd, new_fd);
}

int32_t sys_fcntl(int fd, uint32_t command, uint32_t argument)
{
	const uint32_t settable = CASTLE_O_APPEND | CASTLE_O_NONBLOCK;
	struct file *file = file_table_get(files(), fd);

	if (!file)
		return -EBADF;
	switch (command) {
	case CASTLE_F_DUPFD:
	case CASTLE_F_DUPFD_CLOEXEC:
		return duplicate(fd, argument, command == CASTLE_F_DUPFD_CLOEXEC);
	case CASTLE_F_GETFD:
		return file_table_cloexec(files(), fd) ? CASTLE_FD_CLOEXEC : 0;
	case CASTLE_F_SETFD:
		file_table_set_cloexec(files(), fd, argument & CASTLE_FD_CLOEXEC);
		return 0;
	case CASTLE_F_GETFL:
		return file->flags & (CASTLE_O_ACCMODE | settable);
	case CASTLE_F_SETFL:
		file->flags = (file->flags & ~settable) | (argument & settable);
		return 0;
	default:
		return -EINVAL;
	}
}

int32_t sys_ftruncate(int fd, uint32_t size)
{
	struct file *file = file_table_get(files(), fd);

	if (!file)
		return -EBADF;
	if (!file->ops->truncate || !file_is_writable(file))
		return -EINVAL;
	return size > INT32_MAX ? -EINVAL : file->ops->truncate(file, size);
}

int32_t sys_ioctl(int fd, uint32_t request, user_addr_t argument)
{
	struct file *file = file_table_get(files(), fd);

	if (!file)
		return -EBADF;
	return file->ops->ioctl ? file->ops->ioctl(file, request, argument) : -ENOTTY;
}
