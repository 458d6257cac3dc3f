/*
 * Files as POSIX and newlib see them. Each function that newlib's stdio needs exists twice: the
 * `_r` form that newlib calls with its struct _reent, and the POSIX one.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "file_mode.h"
#include "result.h"
#include "stat_convert.h"

/* newlib's fcntl.h has flags that mean nothing here (O_SYNC, O_NOCTTY, ...): they are accepted. */
#define OPEN_FLAGS                                                                              \
	(CASTLE_O_ACCMODE | CASTLE_O_APPEND | CASTLE_O_CREAT | CASTLE_O_TRUNC | CASTLE_O_EXCL | \
	 CASTLE_O_NONBLOCK | CASTLE_O_CLOEXEC | CASTLE_O_DIRECTORY | CASTLE_O_NOFOLLOW)

/* Castle's result. */
static inline int32_t open_call(const char *path, int flags, uint32_t mode)
{
	return castle_call3(CASTLE_CALL_open, address(path), flags & OPEN_FLAGS, mode);
}

int _open_r(struct _reent *reent, const char *path, int flags, int mode)
{
	return result_in(reent, open_call(path, flags, file_mode_masked(mode)));
}

int open(const char *path, int flags, ...)
{
	uint32_t mode = 0;
	va_list arguments;

	if (flags & O_CREAT) {
		va_start(arguments, flags);
		mode = file_mode_masked(va_arg(arguments, int));
		va_end(arguments);
	}
	return result_of(open_call(path, flags, mode));
}

int creat(const char *path, mode_t mode)
{
	return open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
}

int _close_r(struct _reent *reent, int fd)
{
	return result_in(reent, castle_call1(CASTLE_CALL_close, fd));
}

int close(int fd)
{
	return result_of(castle_call1(CASTLE_CALL_close, fd));
}

_ssize_t _read_r(struct _reent *reent, int fd, void *buffer, size_t size)
{
	return restartable(reent, CASTLE_CALL_read, fd, address(buffer), size);
}

ssize_t read(int fd, void *buffer, size_t size)
{
	return _read_r(_REENT, fd, buffer, size);
}

_ssize_t _write_r(struct _reent *reent, int fd, const void *buffer, size_t size)
{
	return restartable(reent, CASTLE_CALL_write, fd, address(buffer), size);
}

ssize_t write(int fd, const void *buffer, size_t size)
{
	return _write_r(_REENT, fd, buffer, size);
}

_off_t _lseek_r(struct _reent *reent, int fd, _off_t offset, int whence)
{
	return result_in(reent, castle_call3(CASTLE_CALL_lseek, fd, offset, whence));
}

off_t lseek(int fd, off_t offset, int whence)
{
	return _lseek_r(_REENT, fd, offset, whence);
}

int _fstat_r(struct _reent *reent, int fd, struct stat *stat)
{
	struct castle_stat castle;
	int result = castle_call2(CASTLE_CALL_fstat, fd, address(&castle));

	if (!result)
		stat_convert(stat, &castle);
	return result_in(reent, result);
}

int fstat(int fd, struct stat *stat)
{
	return _fstat_r(_REENT, fd, stat);
}

/* By either of the two calls: what a symbolic link leads to, or the link itself. */
static int stat_by(struct _reent *reent, uint32_t call, const char *path, struct stat *stat)
{
	struct castle_stat castle;
	int result = castle_call2(call, address(path), address(&castle));

	if (!result)
		stat_convert(stat, &castle);
	return result_in(reent, result);
}

int _stat_r(struct _reent *reent, const char *path, struct stat *stat)
{
	return stat_by(reent, CASTLE_CALL_stat, path, stat);
}

int stat(const char *path, struct stat *buffer)
{
	return _stat_r(_REENT, path, buffer);
}

int lstat(const char *path, struct stat *buffer)
{
	return stat_by(_REENT, CASTLE_CALL_lstat, path, buffer);
}

int ftruncate(int fd, off_t size)
{
	return result_of(castle_call2(CASTLE_CALL_ftruncate, fd, size));
}

int truncate(const char *path, off_t size)
{
	return result_of(castle_call2(CASTLE_CALL_truncate, address(path), size));
}

/*
 * The file system is in memory, where every write is complete when it returns; the console is slow.
 * A pipe cannot be synchronised (POSIX.1-2017, fsync(), [EINVAL]).
 */
int fsync(int fd)
{
	struct stat stat;

	if (fstat(fd, &stat) != 0)
		return -1;
	if (S_ISFIFO(stat.st_mode))
		return failure(EINVAL);
	if (S_ISCHR(stat.st_mode))
		castle_call3(CASTLE_CALL_ioctl, fd, CASTLE_CONSOLE_DRAIN, 0);
	return 0;
}

int fdatasync(int fd)
{
	return fsync(fd);
}

void sync(void)
{
}

/*
 * Castle has no call for this, so it moves the offset and puts it back: threads that share a
 * descriptor must agree among themselves.
 */
ssize_t pread(int fd, void *buffer, size_t size, off_t offset)
{
	off_t before = lseek(fd, 0, SEEK_CUR);
	ssize_t result;

	if (before < 0 || lseek(fd, offset, SEEK_SET) < 0)
		return -1;
	result = read(fd, buffer, size);
	lseek(fd, before, SEEK_SET);
	return result;
}

ssize_t pwrite(int fd, const void *buffer, size_t size, off_t offset)
{
	off_t before = lseek(fd, 0, SEEK_CUR);
	ssize_t result;

	if (before < 0 || lseek(fd, offset, SEEK_SET) < 0)
		return -1;
	result = write(fd, buffer, size);
	lseek(fd, before, SEEK_SET);
	return result;
}
