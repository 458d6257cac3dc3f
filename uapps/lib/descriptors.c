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

int fcntl(int fd, int command, ...)
{
	va_list arguments;
	int argument;

	va_start(arguments, command);
	argument = va_arg(arguments, int);
	va_end(arguments);
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
