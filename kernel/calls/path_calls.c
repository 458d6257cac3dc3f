/*
 * System calls on paths.
 */
#include <castle/abi.h>
#include <castle/errno.h>
#include "kernel/calls/file_calls.h"
#include "kernel/fs/inode_internal.h"
#include "kernel/proc/process.h"

static struct inode *cwd(void)
{
	return current_process()->cwd;
}

/* Looks a path of the program up; 0 with a reference, or an error. */
static int user_path_lookup(user_addr_t path, struct inode **inode)
{
	char name[CASTLE_PATH_MAX];
	const int length = copy_string_from_user(name, path, sizeof name);

	return length < 0 ? length : path_lookup(cwd(), name, inode);
}

int32_t sys_stat(user_addr_t path, user_addr_t result)
{
	struct castle_stat stat;
	struct inode *inode;
	const int error = user_path_lookup(path, &inode);

	if (error)
		return error;
	inode_stat(inode, &stat);
	inode_release(inode);
	return copy_to_user(result, &stat, sizeof stat);
}

static int32_t with_path(user_addr_t path, int (*operation)(struct inode *, const char *))
{
	char name[CASTLE_PATH_MAX];
	const int length = copy_string_from_user(name, path, sizeof name);

	return length < 0 ? length : operation(cwd(), name);
}

int32_t sys_unlink(user_addr_t path)
{
	return with_path(path, path_unlink);
}

int32_t sys_rmdir(user_addr_t path)
{
	return with_path(path, path_rmdir);
}

static int32_t with_two_paths(user_addr_t first, user_addr_t second,
			      int (*operation)(struct inode *, const char *, const char *))
{
	char first_name[CASTLE_PATH_MAX], second_name[CASTLE_PATH_MAX];
	int length = copy_string_from_user(first_name, first, sizeof first_name);

	if (length >= 0)
		length = copy_string_from_user(second_name, second, sizeof second_name);
	return length < 0 ? length : operation(cwd(), first_name, second_name);
}

int32_t sys_link(user_addr_t old_path, user_addr_t new_path)
{
	return with_two_paths(old_path, new_path, path_link);
}

int32_t sys_rename(user_addr_t old_path, user_addr_t new_path)
{
	return with_two_paths(old_path, new_path, path_rename);
}

int32_t sys_mkdir(user_addr_t path, uint32_t mode)
{
	char name[CASTLE_PATH_MAX];
	const int length = copy_string_from_user(name, path, sizeof name);

	return length < 0 ? length : path_mkdir(cwd(), name, mode);
}

int32_t sys_truncate(user_addr_t path, uint32_t size)
{
	struct inode *inode;
	int error;

	if (size > INT32_MAX)
		return -EINVAL;
	error = user_path_lookup(path, &inode);
	if (error)
		return error;
	error = inode_truncate(inode, size);
	inode_release(inode);
	return error;
}

int32_t sys_chdir(user_addr_t path)
{
	struct process *process = current_process();
	struct inode *inode;
	const int error = user_path_lookup(path, &inode);

	if (error)
		return error;
	if (!inode_is_directory(inode)) {
		inode_release(inode);
		return -ENOTDIR;
	}
	inode_release(process->cwd);
	process->cwd = inode;
	return 0;
}

int32_t sys_getcwd(user_addr_t buffer, uint32_t size)
{
	char path[CASTLE_PATH_MAX];
	const int length = path_of_directory(cwd(), path, sizeof path);

	if (size == 0)
		return -EINVAL;
	if (length < 0)
		return length;
	if ((uint32_t)length > size)
		return -ERANGE;
	return copy_to_user(buffer, path, length) == 0 ? length : -EFAULT;
}

/* Permissions are kept for programs to see; nobody enforces them, there being one user. */
int32_t sys_chmod(user_addr_t path, uint32_t mode)
{
	struct inode *inode;
	const int error = user_path_lookup(path, &inode);

	if (error)
		return error;
	inode->mode = (inode->mode & CASTLE_S_IFMT) | (mode & 07777);
	inode_release(inode);
	return 0;
}

int32_t sys_utime(user_addr_t path, user_addr_t times)
{
	struct castle_timespec new[2];
	struct inode *inode;
	int error = times ? copy_from_user(new, times, sizeof new) : 0;

	if (!error)
		error = user_path_lookup(path, &inode);
	if (error)
		return error;
	if (times)
		inode->modified = new[1];
	else
		inode_touch(inode);
	inode_release(inode);
	return 0;
}
