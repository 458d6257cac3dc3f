/*
 * File descriptors: copies, flags, pipes, and what only devices understand.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "result.h"

int dup(int fd)
{
	return result_of(castle_call1(CASTLE_CALL_dup, fd));
}

int dup2(int fd, int new_fd)
{
	return result_of(castle_call2(CASTLE_CALL_dup2, fd, new_fd));
}

int dup3(int fd, int new_fd, int flags)
{
	if (fd == new_fd || (flags & ~O_CLOEXEC))
		return failure(EINVAL);
	if (dup2(fd, new_fd) < 0)
		return -1;
	if (flags & O_CLOEXEC)
		fcntl(new_fd, F_SETFD, FD_CLOEXEC);
	return new_fd;
}

int _fcntl_r(struct _reent *reent, int fd, int command, int argument)
{
	return result_in(reent, castle_call3(CASTLE_CALL_fcntl, fd, command, argument));
}

/* Where offsets of this lock count from. 0, or -1 with errno. */
static int lock_origin(int fd, int whence, off_t *origin)
{
	struct stat file;

	*origin = 0;
	if (whence == SEEK_CUR)
		*origin = lseek(fd, 0, SEEK_CUR);
	else if (whence == SEEK_END && fstat(fd, &file) == 0)
		*origin = file.st_size;
	else if (whence != SEEK_SET)
		return failure(whence == SEEK_END ? EBADF : EINVAL);
	return *origin < 0 ? -1 : 0;
}

/* A lock's length may be negative: then it is what lies before its start. */
static int lock_convert(int fd, const struct flock *lock, struct castle_record_lock *castle)
{
	int64_t start, end;
	off_t origin;

	if (lock_origin(fd, lock->l_whence, &origin) != 0)
		return -1;
	start = (int64_t)origin + lock->l_start;
	end = lock->l_len > 0 ? start + lock->l_len - 1 : start - 1;
	if (lock->l_len < 0)
		start += lock->l_len;
	else if (lock->l_len == 0)
		end = UINT32_MAX;
	if (start < 0)
		return failure(EINVAL);
	if (start > UINT32_MAX || end > UINT32_MAX)
		return failure(EOVERFLOW);
	*castle = (struct castle_record_lock){ .type = lock->l_type, .start = start, .end = end };
	return 0;
}

/* Record locks: fcntl() with a struct flock. */
static int lock_control(int fd, int command, struct flock *lock)
{
	struct castle_record_lock castle;
	int result;

	if (lock_convert(fd, lock, &castle) != 0)
		return -1;
	if (command == F_SETLKW)
		return restartable(_REENT, CASTLE_CALL_fcntl, fd, command, address(&castle));
	result = castle_call3(CASTLE_CALL_fcntl, fd, command, address(&castle));
	if (result == 0 && command == F_GETLK) {
		lock->l_type = castle.type;
		if (castle.type != F_UNLCK) {
			lock->l_whence = SEEK_SET;
			lock->l_start = castle.start;
			lock->l_len = castle.end == UINT32_MAX ? 0 : castle.end - castle.start + 1;
			lock->l_pid = castle.pid;
		}
	}
	return result_of(result);
}

/* POSIX's XSI form of the same, from the current offset on. */
int lockf(int fd, int function, off_t size)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_CUR, .l_len = size };

	switch (function) {
	case F_LOCK:
		return lock_control(fd, F_SETLKW, &lock);
	case F_TLOCK:
		return lock_control(fd, F_SETLK, &lock);
	case F_ULOCK:
		lock.l_type = F_UNLCK;
		return lock_control(fd, F_SETLK, &lock);
	case F_TEST:
		if (lock_control(fd, F_GETLK, &lock) != 0)
			return -1;
		return lock.l_type == F_UNLCK ? 0 : failure(EACCES);
	default:
		return failure(EINVAL);
	}
}

int fcntl(int fd, int command, ...)
{
	va_list arguments;
	int argument;

	va_start(arguments, command);
	argument = va_arg(arguments, int);
	va_end(arguments);
	if (command == F_GETLK || command == F_SETLK || command == F_SETLKW)
		return lock_control(fd, command, (struct flock *)argument);
	return _fcntl_r(_REENT, fd, command, argument);
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list arguments;
	void *argument;

	va_start(arguments, request);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	return result_of(castle_call3(CASTLE_CALL_ioctl, fd, request, address(argument)));
}

int pipe(int fds[2])
{
	return result_of(castle_call1(CASTLE_CALL_pipe, address(fds)));
}

int pipe2(int fds[2], int flags)
{
	if (flags & ~(O_CLOEXEC | O_NONBLOCK))
		return failure(EINVAL);
	if (pipe(fds))
		return -1;
	for (int end = 0; end < 2; end++) {
		if (flags & O_CLOEXEC)
			fcntl(fds[end], F_SETFD, FD_CLOEXEC);
		if (flags & O_NONBLOCK)
			fcntl(fds[end], F_SETFL, O_NONBLOCK);
	}
	return 0;
}

/* A terminal is what can tell its console mode; ENOTTY for other character devices. */
int isatty(int fd)
{
	struct stat file;

	if (fstat(fd, &file))
		return 0;
	if (S_ISCHR(file.st_mode) && ioctl(fd, CASTLE_CONSOLE_GET_MODE, NULL) >= 0)
		return 1;
	errno = ENOTTY;
	return 0;
}

int _isatty_r(struct _reent *reent, int fd)
{
	(void)reent;
	return isatty(fd);
}

/* stdio's test for line buffering; ends up in newlib's `_isatty`. */
int _isatty(int fd)
{
	return isatty(fd);
}
