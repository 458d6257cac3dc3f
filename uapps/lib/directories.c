/*
 * Names: links, directories, the working directory.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include "file_mode.h"
#include "result.h"

int _unlink_r(struct _reent *reent, const char *path)
{
	return result_in(reent, castle_call1(CASTLE_CALL_unlink, address(path)));
}

int unlink(const char *path)
{
	return result_of(castle_call1(CASTLE_CALL_unlink, address(path)));
}

/* ISO C's remove() for files and, as POSIX asks, for empty directories. */
int remove(const char *path)
{
	struct stat file;

	if (stat(path, &file))
		return -1;
	return S_ISDIR(file.st_mode) ? rmdir(path) : unlink(path);
}

/* What newlib's tmpfile() calls. */
int _remove_r(struct _reent *reent, const char *path)
{
	(void)reent;
	return remove(path);
}

int _link_r(struct _reent *reent, const char *old, const char *new)
{
	return result_in(reent, castle_call2(CASTLE_CALL_link, address(old), address(new)));
}

int link(const char *old, const char *new)
{
	return _link_r(_REENT, old, new);
}

int _rename_r(struct _reent *reent, const char *old, const char *new)
{
	return result_in(reent, castle_call2(CASTLE_CALL_rename, address(old), address(new)));
}

int rename(const char *old, const char *new)
{
	return _rename_r(_REENT, old, new);
}

int symlink(const char *target, const char *path)
{
	return result_of(castle_call2(CASTLE_CALL_symlink, address(target), address(path)));
}

ssize_t readlink(const char *restrict path, char *restrict buffer, size_t size)
{
	return result_of(castle_call3(CASTLE_CALL_readlink, address(path), address(buffer), size));
}

int mkdir(const char *path, mode_t mode)
{
	return result_of(castle_call2(CASTLE_CALL_mkdir, address(path), file_mode_masked(mode)));
}

int _mkdir_r(struct _reent *reent, const char *path, int mode)
{
	(void)reent;
	return mkdir(path, mode);
}

int rmdir(const char *path)
{
	return result_of(castle_call1(CASTLE_CALL_rmdir, address(path)));
}

int chdir(const char *path)
{
	return result_of(castle_call1(CASTLE_CALL_chdir, address(path)));
}

/* With a null buffer, allocates one that is just large enough, as glibc and the BSDs do. */
char *getcwd(char *buffer, size_t size)
{
	char path[CASTLE_PATH_MAX];

	if (!buffer) {
		if (result_of(castle_call2(CASTLE_CALL_getcwd, address(path), sizeof(path))) < 0)
			return NULL;
		return strdup(path);
	}
	if (!size) {
		errno = EINVAL;
		return NULL;
	}
	if (result_of(castle_call2(CASTLE_CALL_getcwd, address(buffer), size)) < 0)
		return NULL;
	return buffer;
}
