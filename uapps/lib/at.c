/*
 * Calls on names below an open directory: openat() and its relatives. The kernel says where the
 * directory is now, and the name goes behind that; a directory that is moved in between is not
 * found.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "at.h"
#include "result.h"

const char *path_at(int directory, const char *name, struct path_at *room)
{
	size_t length;

	if (directory == AT_FDCWD || name[0] == '/' || name[0] == '\0')
		return name;
	if (result_of(castle_call3(CASTLE_CALL_fcntl, directory, CASTLE_F_GETPATH,
				   address(room->path))) < 0)
		return NULL;
	length = strlen(room->path);
	if (length + 1 + strlen(name) >= sizeof room->path) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	room->path[length] = '/';
	strcpy(room->path + length + 1, name);
	return room->path;
}

int openat(int directory, const char *name, int flags, ...)
{
	struct path_at room;
	const char *path = path_at(directory, name, &room);
	mode_t mode = 0;
	va_list arguments;

	if (flags & O_CREAT) {
		va_start(arguments, flags);
		mode = va_arg(arguments, int);
		va_end(arguments);
	}
	return path ? open(path, flags, mode) : -1;
}

int fchdir(int directory)
{
	struct path_at room;
	const char *path = path_at(directory, ".", &room);

	return path ? chdir(path) : -1;
}

int fstatat(int directory, const char *restrict name, struct stat *restrict status, int flags)
{
	struct path_at room;
	const char *path = path_at(directory, name, &room);

	if (flags & ~AT_SYMLINK_NOFOLLOW)
		return failure(EINVAL);
	if (!path)
		return -1;
	return flags ? lstat(path, status) : stat(path, status);
}

int unlinkat(int directory, const char *name, int flags)
{
	struct path_at room;
	const char *path = path_at(directory, name, &room);

	if (flags & ~AT_REMOVEDIR)
		return failure(EINVAL);
	if (!path)
		return -1;
	return flags ? rmdir(path) : unlink(path);
}

int mkdirat(int directory, const char *name, mode_t mode)
{
	struct path_at room;
	const char *path = path_at(directory, name, &room);

	return path ? mkdir(path, mode) : -1;
}

int fchmodat(int directory, const char *name, mode_t mode, int flags)
{
	struct path_at room;
	const char *path = path_at(directory, name, &room);

	if (flags)
		return failure(flags == AT_SYMLINK_NOFOLLOW ? EOPNOTSUPP : EINVAL);
	return path ? chmod(path, mode) : -1;
}

int faccessat(int directory, const char *name, int mode, int flags)
{
	struct path_at room;
	const char *path = path_at(directory, name, &room);

	if (flags & ~AT_EACCESS)
		return failure(EINVAL);
	return path ? access(path, mode) : -1;
}

int renameat(int old_directory, const char *old_name, int new_directory, const char *new_name)
{
	struct path_at old_room, new_room;
	const char *old_path = path_at(old_directory, old_name, &old_room);
	const char *new_path = old_path ? path_at(new_directory, new_name, &new_room) : NULL;

	return new_path ? rename(old_path, new_path) : -1;
}

/* As link() does, it links a symbolic link itself; following one is not there. */
int linkat(int old_directory, const char *old_name, int new_directory, const char *new_name,
	   int flags)
{
	struct path_at old_room, new_room;
	const char *old_path = path_at(old_directory, old_name, &old_room);
	const char *new_path = old_path ? path_at(new_directory, new_name, &new_room) : NULL;

	if (flags)
		return failure(EINVAL);
	return new_path ? link(old_path, new_path) : -1;
}

int symlinkat(const char *target, int directory, const char *name)
{
	struct path_at room;
	const char *path = path_at(directory, name, &room);

	return path ? symlink(target, path) : -1;
}

ssize_t readlinkat(int directory, const char *restrict name, char *restrict buffer, size_t size)
{
	struct path_at room;
	const char *path = path_at(directory, name, &room);

	return path ? readlink(path, buffer, size) : -1;
}
