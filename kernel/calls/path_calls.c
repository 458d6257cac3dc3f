/*
 * System calls on paths.
 */
#include <castle/abi.h>
#include <castle/errno.h>
#include "kernel/calls/file_calls.h"
#include "kernel/fs/inode.h"
#include "kernel/fs/open.h"
#include "kernel/fs/path.h"
#include "kernel/lock/domain.h"
#include "kernel/lock/lock.h"
#include "kernel/proc/process.h"

/* Makes `directory` the working directory, with the caller's reference. */
static void cwd_set(struct process *process, struct inode *directory)
{
	struct inode *old;

	lock_acquire_if(cwd, &process->cwd_lock, process->files.shared);
	old = process->cwd;
	process->cwd = directory;
	lock_release_if(cwd, &process->cwd_lock, process->files.shared);
	inode_release(old);
}

/* A path of the program, and where it starts. */
struct user_path {
	struct inode *start; /* with a reference; NULL if the path is not relative */
	char name[PATH_BUFFER];
};

/* 0, and user_path_release() is the caller's to call; or an error. */
static inline int user_path_get_by(struct user_path *path, user_addr_t address,
				   struct inode *(*cwd)(struct process *))
{
	const int length = copy_string_from_user(path->name, address, CASTLE_PATH_MAX);

	if (length < 0)
		return length;
	path->start = path->name[0] == '/' ? NULL : cwd(current_process());
	return 0;
}

static int user_path_get(struct user_path *path, user_addr_t address)
{
	return user_path_get_by(path, address, process_cwd_own);
}

/* The same for open(), whose call is not under the lock of the file system as a whole. */
static int user_path_get_to_open(struct user_path *path, user_addr_t address)
{
	return user_path_get_by(path, address, process_cwd_get);
}

static void user_path_release(struct user_path *path)
{
	if (path->start)
		inode_release(path->start);
}

/* Looks a path of the program up, by path_lookup() or its like; 0 with a reference, or an error. */
static inline __attribute__((always_inline)) int
user_path_lookup_by(user_addr_t address, struct inode **inode,
		    int (*find)(struct inode *, const char *, struct inode **))
{
	struct user_path path;
	int error = user_path_get(&path, address);

	if (error)
		return error;
	error = find(path.start, path.name, inode);
	user_path_release(&path);
	return error;
}

static int user_path_lookup(user_addr_t address, struct inode **inode)
{
	return user_path_lookup_by(address, inode, path_lookup);
}

int32_t sys_open(user_addr_t address, uint32_t flags, uint32_t mode)
{
	struct user_path path;
	struct file *file;
	int lowest = 0, result = user_path_get_to_open(&path, address);

	if (result < 0)
		return result;
	/* A file that is created or made empty stays so, even if there is no descriptor for it. */
	if (flags & (CASTLE_O_CREAT | CASTLE_O_TRUNC))
		lowest = result = file_table_make_room(&current_process()->files);
	if (result >= 0)
		result = file_open(path.start, path.name, flags, mode, &file);
	user_path_release(&path);
	if (result < 0)
		return result;
	result = file_table_add(&current_process()->files, file, lowest, flags & CASTLE_O_CLOEXEC);
	if (result < 0)
		file_release(file);
	return result;
}

/* The caller's reference goes. */
static inline int32_t stat_copy(struct inode *inode, user_addr_t result)
{
	struct castle_stat stat;

	inode_stat(inode, &stat);
	inode_release(inode);
	return copy_to_user(result, &stat, sizeof stat);
}

int32_t sys_stat(user_addr_t path, user_addr_t result)
{
	struct inode *inode;
	const int error = user_path_lookup(path, &inode);

	return error ? error : stat_copy(inode, result);
}

int32_t sys_lstat(user_addr_t path, user_addr_t result)
{
	struct inode *inode;
	const int error = user_path_lookup_by(path, &inode, path_lookup_link);

	return error ? error : stat_copy(inode, result);
}

/* What a link says never changes. */
int32_t sys_readlink(user_addr_t path, user_addr_t buffer, uint32_t size)
{
	struct inode *inode;
	int result = user_path_lookup_by(path, &inode, path_lookup_link);

	if (result)
		return result;
	if (inode_type(inode) != CASTLE_S_IFLNK)
		result = -EINVAL;
	else if (size > inode->link.length)
		size = inode->link.length;
	if (!result)
		result = copy_to_user(buffer, inode->link.text, size) ? -EFAULT : (int)size;
	inode_release(inode);
	return result;
}

static int32_t with_path(user_addr_t address, int (*operation)(struct inode *, const char *))
{
	struct user_path path;
	int error = user_path_get(&path, address);

	if (error)
		return error;
	error = operation(path.start, path.name);
	user_path_release(&path);
	return error;
}

int32_t sys_unlink(user_addr_t path)
{
	return with_path(path, path_unlink);
}

int32_t sys_rmdir(user_addr_t path)
{
	return with_path(path, path_rmdir);
}

static int32_t with_two_paths(user_addr_t first_address, user_addr_t second_address,
			      int (*operation)(struct inode *, const char *, const char *))
{
	struct user_path first;
	char second[PATH_BUFFER];
	int result = copy_string_from_user(second, second_address, CASTLE_PATH_MAX);

	if (result >= 0)
		result = user_path_get(&first, first_address);
	if (result < 0)
		return result;
	if (!first.start && second[0] != '/')
		first.start = process_cwd_own(current_process());
	result = operation(first.start, first.name, second);
	user_path_release(&first);
	return result;
}

int32_t sys_link(user_addr_t old_path, user_addr_t new_path)
{
	return with_two_paths(old_path, new_path, path_link);
}

int32_t sys_rename(user_addr_t old_path, user_addr_t new_path)
{
	return with_two_paths(old_path, new_path, path_rename);
}

int32_t sys_symlink(user_addr_t target, user_addr_t path)
{
	return with_two_paths(target, path, path_symlink);
}

int32_t sys_mkdir(user_addr_t address, uint32_t mode)
{
	struct user_path path;
	int error = user_path_get(&path, address);

	if (error)
		return error;
	error = path_mkdir(path.start, path.name, mode);
	user_path_release(&path);
	return error;
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
	lock_acquire(inode, &inode->lock);
	error = inode_truncate(inode, size);
	lock_release(inode, &inode->lock);
	inode_release(inode);
	return error;
}

int32_t sys_chdir(user_addr_t address)
{
	struct user_path path;
	struct inode *directory;
	int error = user_path_get(&path, address);

	if (error)
		return error;
	error = path_open(path.start, path.name, CASTLE_O_RDONLY | CASTLE_O_DIRECTORY, 0,
			  &directory);
	user_path_release(&path);
	if (!error)
		cwd_set(current_process(), directory);
	return error;
}

int32_t sys_getcwd(user_addr_t buffer, uint32_t size)
{
	struct inode *directory = process_cwd_own(current_process());
	char path[CASTLE_PATH_MAX];
	int length;

	lock_acquire(names, &names_lock);
	length = path_of_directory(directory, path, sizeof path);
	lock_release(names, &names_lock);
	inode_release(directory);
	if (size == 0)
		return -EINVAL;
	if (length < 0)
		return length;
	if ((uint32_t)length > size)
		return -ERANGE;
	return copy_to_user(buffer, path, length) == 0 ? length : -EFAULT;
}

int32_t sys_chmod(user_addr_t path, uint32_t mode)
{
	struct inode *inode;
	const int error = user_path_lookup(path, &inode);

	if (error)
		return error;
	lock_acquire(inode, &inode->lock);
	inode_set_permissions(inode, mode);
	lock_release(inode, &inode->lock);
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
	lock_acquire(inode, &inode->lock);
	if (times)
		inode_set_modified(inode, &new[1]);
	else
		inode_touch(inode);
	lock_release(inode, &inode->lock);
	inode_release(inode);
	return 0;
}
