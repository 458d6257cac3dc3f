/*
 * Permissions and owners. Castle keeps permission bits but has one user, who owns everything and
 * may do everything: changes of owner succeed and change nothing.
 */
#include <stdint.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "file_mode.h"
#include "result.h"

#define PERMISSIONS 07777

static mode_t creation_mask = 022;

mode_t file_mode_masked(mode_t mode)
{
	return mode & PERMISSIONS & ~creation_mask;
}

mode_t umask(mode_t mask)
{
	mode_t old = creation_mask;

	creation_mask = mask & 0777;
	return old;
}

int fchmod(int fd, mode_t mode)
{
	return result_of(castle_call2(CASTLE_CALL_fchmod, fd, mode & PERMISSIONS));
}

int chmod(const char *path, mode_t mode)
{
	return result_of(castle_call2(CASTLE_CALL_chmod, address(path), mode & PERMISSIONS));
}

/* Existence is all that can be missing: the one user may read, write and search everything. */
int access(const char *path, int mode)
{
	struct stat file;

	if (mode & ~(R_OK | W_OK | X_OK))
		return failure(EINVAL);
	if (stat(path, &file))
		return -1;
	if ((mode & X_OK) && S_ISREG(file.st_mode) && !(file.st_mode & 0111))
		return failure(EACCES);
	return 0;
}

int chown(const char *path, uid_t owner, gid_t group)
{
	struct stat file;

	(void)owner, (void)group;
	return stat(path, &file);
}

int lchown(const char *path, uid_t owner, gid_t group)
{
	return chown(path, owner, group);
}

int fchown(int fd, uid_t owner, gid_t group)
{
	struct stat file;

	(void)owner, (void)group;
	return fstat(fd, &file);
}
