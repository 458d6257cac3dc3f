/*
 * System calls on descriptors.
 */
#include "kernel/calls/file_calls.h"

#include <castle/abi.h>
#include <castle/errno.h>
#include "kernel/fs/file.h"
#include "kernel/fs/inode.h"
#include "kernel/fs/path.h"
#include "kernel/fs/record_lock.h"
#include "kernel/ipc/pipe.h"
#include "kernel/lock/lock.h"
#include "kernel/proc/process.h"
#include "kernel/proc/signal.h"

/* Counts are returned as signed numbers. */
static inline uint32_t size_limit(uint32_t size)
{
	return __builtin_expect((int32_t)size < 0, false) ? INT32_MAX : size;
}

static inline struct file_table *files(void)
{
	return &current_process()->files;
}

/* Kept out of the calls, which seldom need it. */
static __attribute__((noinline)) int file_free_after(struct file *file, int result)
{
	file_free(file);
	return result;
}

/* The call's reference goes, also if it has blocked. Its result, handed through. */
static inline int call_end(struct file *file, int result)
{
	return reference_drop(&file->references) ? file_free_after(file, result) : result;
}

__attribute__((cold, noinline)) static void pipe_is_broken(void)
{
	struct process *process = current_process();

	process_lock(process);
	signal_send_thread(current_thread, CASTLE_SIGPIPE);
	process_unlock(process);
}

int32_t sys_close(int fd)
{
	return file_table_close(files(), fd);
}

/*
 * The three calls that are the most frequent have forms of their own where descriptors have locks:
 * these are what both have in common.
 */
static inline __attribute__((always_inline)) int32_t file_read(struct file *file,
							       user_addr_t buffer, uint32_t size)
{
	if (!file)
		return -EBADF;
	if (!file_is_readable(file))
		return call_end(file, -EBADF);
	return call_end(file, file->ops->read(file, buffer, size_limit(size)));
}

static inline __attribute__((always_inline)) int32_t file_write(struct file *file,
								user_addr_t buffer, uint32_t size)
{
	int32_t result;

	if (!file)
		return -EBADF;
	if (!file_is_writable(file))
		return call_end(file, -EBADF);
	result = call_end(file, file->ops->write(file, buffer, size_limit(size)));
	/* Nobody reads that pipe any more: a signal for the thread that writes, too. */
	if (result == -EPIPE)
		pipe_is_broken();
	return result;
}

static inline __attribute__((always_inline)) int32_t file_lseek(struct file *file, int32_t offset,
								int whence)
{
	if (!file)
		return -EBADF;
	if (!file->ops->lseek)
		return call_end(file, -ESPIPE);
	return call_end(file, file->ops->lseek(file, offset, whence));
}

int32_t sys_read(int fd, user_addr_t buffer, uint32_t size)
{
	return file_read(file_table_look(files(), fd), buffer, size);
}

int32_t sys_write(int fd, user_addr_t buffer, uint32_t size)
{
	return file_write(file_table_look(files(), fd), buffer, size);
}

int32_t sys_lseek(int fd, int32_t offset, int whence)
{
	return file_lseek(file_table_look(files(), fd), offset, whence);
}

#ifdef CASTLE_SMP
static int32_t read_locked(int fd, user_addr_t buffer, uint32_t size)
{
	return file_read(file_table_get(files(), fd), buffer, size);
}

static int32_t write_locked(int fd, user_addr_t buffer, uint32_t size)
{
	return file_write(file_table_get(files(), fd), buffer, size);
}

static int32_t lseek_locked(int fd, int32_t offset, int whence)
{
	return file_lseek(file_table_get(files(), fd), offset, whence);
}

LOCK_FUNCTION(sys_read, read_locked, descriptors);
LOCK_FUNCTION(sys_write, write_locked, descriptors);
LOCK_FUNCTION(sys_lseek, lseek_locked, descriptors);
#endif

int32_t sys_fstat(int fd, user_addr_t result)
{
	struct file *file = file_table_get(files(), fd);
	struct castle_stat stat;
	int error;

	if (!file)
		return -EBADF;
	error = file->ops->stat(file, &stat);
	file_release(file);
	return error ? error : copy_to_user(result, &stat, sizeof stat);
}

/* A pipe has no permissions to change (POSIX.1-2017, fchmod(), [EINVAL]). */
int32_t sys_fchmod(int fd, uint32_t mode)
{
	struct file *file = file_table_get(files(), fd);

	if (!file)
		return -EBADF;
	if (!file->inode)
		return call_end(file, -EINVAL);
	inode_lock(file->inode);
	inode_set_permissions(file->inode, mode);
	inode_unlock(file->inode);
	return call_end(file, 0);
}

int32_t sys_getdents(int fd, user_addr_t buffer, uint32_t size)
{
	struct file *file = file_table_get(files(), fd);

	if (!file)
		return -EBADF;
	if (!file->ops->getdents)
		return call_end(file, -ENOTDIR);
	return call_end(file, file->ops->getdents(file, buffer, size_limit(size)));
}

static int32_t duplicate(int fd, uint32_t minimum, bool cloexec)
{
	struct file *file = file_table_get(files(), fd);
	int result = -EINVAL;

	if (!file)
		return -EBADF;
	if (minimum < files()->most)
		result = file_table_add(files(), file, minimum, cloexec);
	if (result < 0)
		file_release(file);
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

/*
 * A lock that comes after another thread has closed the descriptor must not stay: nobody would give
 * it up.
 */
static int32_t record_lock(int fd, uint32_t command, user_addr_t lock)
{
	struct file_table *const table = files();
	struct file *file = file_table_get(table, fd), *now;
	int32_t result;

	if (!file)
		return -EBADF;
	result = record_lock_control(file, table, current_process()->pid, command, lock);
	if (result == 0) {
		now = file_table_get(table, fd);
		if (now != file)
			record_locks_drop(file->inode, table);
		if (now)
			file_release(now);
	}
	return call_end(file, result);
}

/* Where a directory is now, as getcwd() would say. */
static int32_t directory_path(int fd, user_addr_t buffer)
{
	struct file *file = file_table_get(files(), fd);
	char path[CASTLE_PATH_MAX];
	int length;

	if (!file)
		return -EBADF;
	if (!file->inode || inode_type(file->inode) != CASTLE_S_IFDIR)
		return call_end(file, -ENOTDIR);
	lock_acquire(files, &files_lock);
	lock_acquire(names, &names_lock);
	length = path_of_directory(file->inode, path, sizeof path);
	lock_release(names, &names_lock);
	lock_release(files, &files_lock);
	if (length > 0 && copy_to_user(buffer, path, length) != 0)
		length = -EFAULT;
	return call_end(file, length);
}

/* The commands of fcntl() on what the descriptor refers to. */
static int32_t file_control(int fd, uint32_t command, uint32_t argument)
{
	struct file *file = file_table_get(files(), fd);
	int result = 0;

	if (!file)
		return -EBADF;
	if (command == CASTLE_F_GETFL)
		result = file->flags & (CASTLE_O_ACCMODE | FILE_FLAGS_SETTABLE);
	else if (command == CASTLE_F_SETFL)
		file_set_flags(file, argument);
	else
		result = -EINVAL;
	return call_end(file, result);
}

int32_t sys_fcntl(int fd, uint32_t command, uint32_t argument)
{
	int result;

	switch (command) {
	case CASTLE_F_DUPFD:
	case CASTLE_F_DUPFD_CLOEXEC:
		return duplicate(fd, argument, command == CASTLE_F_DUPFD_CLOEXEC);
	case CASTLE_F_GETFD:
		result = file_table_cloexec(files(), fd);
		return result > 0 ? CASTLE_FD_CLOEXEC : result;
	case CASTLE_F_SETFD:
		return file_table_set_cloexec(files(), fd, argument & CASTLE_FD_CLOEXEC);
	case CASTLE_F_GETLK:
	case CASTLE_F_SETLK:
	case CASTLE_F_SETLKW:
		return record_lock(fd, command, argument);
	case CASTLE_F_GETPATH:
		return directory_path(fd, argument);
	default:
		return file_control(fd, command, argument);
	}
}

int32_t sys_ftruncate(int fd, uint32_t size)
{
	struct file *file = file_table_get(files(), fd);

	if (!file)
		return -EBADF;
	if (!file->ops->truncate || !file_is_writable(file) || size > INT32_MAX)
		return call_end(file, -EINVAL);
	return call_end(file, file->ops->truncate(file, size));
}

int32_t sys_ioctl(int fd, uint32_t request, user_addr_t argument)
{
	struct file *file = file_table_get(files(), fd);

	if (!file)
		return -EBADF;
	if (!file->ops->ioctl)
		return call_end(file, -ENOTTY);
	return call_end(file, file->ops->ioctl(file, request, argument));
}

int32_t sys_ready(int fd)
{
	struct file *file = file_table_get(files(), fd);

	if (!file)
		return -EBADF;
	if (!file->ops->ready)
		return call_end(file, CASTLE_READY_TO_READ | CASTLE_READY_TO_WRITE);
	return call_end(file, file->ops->ready(file));
}

/* Takes over the references to both files, also if it fails. */
static int pipe_descriptors(struct file_table *files, struct file *reader, struct file *writer,
			    int fds[2])
{
	fds[0] = file_table_add(files, reader, 0, false);
	if (fds[0] < 0) {
		file_release(reader);
		file_release(writer);
		return fds[0];
	}
	fds[1] = file_table_add(files, writer, 0, false);
	if (fds[1] < 0) {
		file_table_close(files, fds[0]);
		file_release(writer);
		return fds[1];
	}
	return 0;
}

int32_t sys_pipe(uint32_t result)
{
	struct file_table *table = files();
	struct file *reader, *writer;
	int fds[2];
	int error = pipe_open(&reader, &writer);

	if (!error)
		error = pipe_descriptors(table, reader, writer, fds);
	if (error)
		return error;
	error = copy_to_user(result, fds, sizeof fds);
	if (error) {
		file_table_close(table, fds[0]);
		file_table_close(table, fds[1]);
	}
	return error;
}
