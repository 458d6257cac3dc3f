/*
 * The calls that work on names. Each walks to the directory of the last component, and then looks
 * at that directory and changes it in one piece: the functions that end in _at, whose caller holds
 * names and all of which do nothing but that.
 */
#include "kernel/fs/path.h"

#include <castle/errno.h>
#include "kernel/fs/directories.h"
#include "kernel/fs/open.h"
#include "kernel/fs/walk.h"
#include "kernel/lib/string.h"
#include "kernel/mem/slab.h"

int path_of_directory(const struct inode *directory, char *buffer, size_t size)
{
	size_t start = size;

	if (size < 2)
		return -ERANGE;
	buffer[--start] = '\0';
	while (directory != inode_root()) {
		const struct directory_entry *entry = directory->directory.entry;
		if (!entry)
			return -ENOENT;
		if (start < entry->length + 1)
			return -ERANGE;
		start -= entry->length;
		memcpy(buffer + start, entry->name, entry->length);
		buffer[--start] = '/';
		directory = directory->directory.parent;
	}
	if (buffer[start] == '\0')
		buffer[--start] = '/';
	memmove(buffer, buffer + start, size - start);
	return size - start;
}

/* A new inode, with a reference for the caller, under the last component, which is free. */
static int make_at(const struct walk *walk, uint32_t mode, struct inode **result)
{
	struct inode *inode = inode_create(mode);

	if (!inode)
		return -ENOSPC;
	if (directory_add(walk->directory, &walk->name, inode) != 0) {
		inode_release(inode);
		return -ENOSPC;
	}
	*result = inode;
	return 0;
}

/* The same for a symbolic link; its text is there before anybody sees it. */
static int make_link_at(const struct walk *walk, const char *target)
{
	struct inode *inode = inode_create(CASTLE_S_IFLNK | 0777);
	int error = -ENOSPC;

	if (!inode)
		return -ENOSPC;
	inode->link.length = strlen(target);
	inode->link.text = kmem_alloc(inode->link.length);
	if (inode->link.text) {
		memcpy(inode->link.text, target, inode->link.length);
		error = directory_add(walk->directory, &walk->name, inode) ? -ENOSPC : 0;
	}
	inode_release(inode);
	return error;
}

int path_symlink(struct inode *directory, const char *target, const char *path)
{
	struct walk walk;
	int error = *target ? walk_to_last(&walk, directory, path) : -ENOENT;

	if (error)
		return error;
	walk_lock(&walk);
	error = walk_check_new(&walk, false);
	if (!error)
		error = make_link_at(&walk, target);
	walk_unlock(&walk);
	walk_end(&walk);
	return error;
}

/* A new inode that is no regular file that open() makes. 0 with a reference, or an error. */
static int path_make(struct inode *directory, const char *path, uint32_t mode,
		     struct inode **result)
{
	struct walk walk;
	int error = walk_to_last(&walk, directory, path);

	if (error)
		return error;
	walk_lock(&walk);
	error = walk_check_new(&walk, (mode & CASTLE_S_IFMT) == CASTLE_S_IFDIR);
	if (!error)
		error = make_at(&walk, mode, result);
	walk_unlock(&walk);
	walk_end(&walk);
	return error;
}

int path_mkdir(struct inode *directory, const char *path, uint32_t mode)
{
	struct inode *inode;
	const int error = path_make(directory, path, CASTLE_S_IFDIR | (mode & 07777), &inode);

	if (!error)
		inode_release(inode);
	return error;
}

int path_make_device(const char *path, struct device *device)
{
	const struct file_ops *ops = device_file_ops(device);
	struct inode *inode;
	const int error =
		ops ? path_make(inode_root(), path, CASTLE_S_IFCHR | 0666, &inode) : -ENOSPC;

	if (error)
		return error;
	inode->node.device = device;
	inode->node.ops = ops;
	inode_release(inode);
	return 0;
}

int path_make_static(const char *path, const void *data, uint32_t size, uint32_t mode,
		     const void *owner)
{
	struct inode *inode;
	const int error = path_make(inode_root(), path, CASTLE_S_IFREG | (mode & 07777), &inode);

	if (error)
		return error;
	inode->is_static = true;
	inode->constant.data = data;
	inode->constant.size = size;
	inode->constant.owner = owner;
	inode_release(inode);
	return 0;
}

/* What is there, or a new file. 0 with a reference, 1 if it is new, or an error. */
static inline __attribute__((always_inline)) int
open_or_make_at(const struct walk *walk, uint32_t flags, uint32_t mode, struct inode **result)
{
	int error = walk_lookup(walk, result);

	if (error == -ENOENT) {
		if (!walk->directory->directory.parent)
			return -ENOENT;
		if (walk->ends_in_slash)
			return -EISDIR;
		error = make_at(walk, CASTLE_S_IFREG | (mode & 07777), result);
		return error ? error : 1;
	}
	if (!error && flags & CASTLE_O_EXCL) {
		inode_release(*result);
		return -EEXIST;
	}
	return error;
}

/* Whether an inode of this type can be opened so. */
static int open_check(const struct inode *inode, uint32_t flags, bool writes)
{
	if (inode_is_directory(inode) && (writes || flags & (CASTLE_O_CREAT | CASTLE_O_TRUNC)))
		return -EISDIR;
	if (inode_is_link(inode))
		return -ELOOP;
	if (!inode_is_directory(inode) && flags & CASTLE_O_DIRECTORY)
		return -ENOTDIR;
	if (inode->is_static && (writes || flags & CASTLE_O_TRUNC))
		return -EROFS;
	return 0;
}

static int open_existing(struct inode *inode, uint32_t flags)
{
	const bool writes = (flags & CASTLE_O_ACCMODE) != CASTLE_O_RDONLY;
	int error;

	/* What is opened the most. */
	if (inode_is_regular(inode) && !inode->is_static &&
	    !(flags & (CASTLE_O_TRUNC | CASTLE_O_DIRECTORY)))
		return 0;
	error = open_check(inode, flags, writes);
	if (!error && flags & CASTLE_O_TRUNC && writes && inode_is_regular(inode)) {
		lock_acquire(inode, &inode->lock);
		error = inode_truncate(inode, 0);
		lock_release(inode, &inode->lock);
	}
	return error;
}

static bool follows(const struct inode *inode, uint32_t flags)
{
	return inode_is_link(inode) && !(flags & CASTLE_O_NOFOLLOW);
}

/* What open_or_make() does where it has found a symbolic link, to which it has a reference. */
__attribute__((cold, noinline)) static int open_or_make_on(struct walk *walk, uint32_t flags,
							   uint32_t mode, struct inode **result)
{
	struct inode *link;
	int status;

	do {
		link = *result;
		status = walk_follow(walk, link);
		inode_release(link);
		if (status)
			return status;
		walk_lock(walk);
		status = open_or_make_at(walk, flags, mode, result);
		walk_unlock(walk);
	} while (status == 0 && follows(*result, flags));
	walk_end(walk);
	return status;
}

static int open_or_make(struct inode *directory, const char *path, uint32_t flags, uint32_t mode,
			struct inode **result)
{
	struct walk walk;
	int status = walk_to_last(&walk, directory, path);

	if (status < 0)
		return status;
	walk_lock(&walk);
	status = open_or_make_at(&walk, flags, mode, result);
	walk_unlock(&walk);
	if (status == 0 && __builtin_expect(follows(*result, flags), false))
		return open_or_make_on(&walk, flags, mode, result);
	walk_end(&walk);
	return status;
}

int path_open(struct inode *directory, const char *path, uint32_t flags, uint32_t mode,
	      struct inode **result)
{
	int status;

	if (flags & CASTLE_O_CREAT)
		status = open_or_make(directory, path, flags, mode, result);
	else if (flags & CASTLE_O_NOFOLLOW)
		status = path_lookup_link(directory, path, result);
	else
		status = path_lookup(directory, path, result);
	if (status != 0)
		return status < 0 ? status : 0;
	status = open_existing(*result, flags);
	if (status < 0)
		inode_release(*result);
	return status;
}

static int rmdir_at(const struct walk *walk)
{
	struct directory_entry *entry;

	if (walk->name.length == 0)
		return -EBUSY; /* the root */
	if (name_is_dots(&walk->name))
		return walk->name.length == 1 ? -EINVAL : -ENOTEMPTY;
	entry = directory_find(walk->directory, &walk->name);
	if (!entry)
		return -ENOENT;
	if (!inode_is_directory(entry->inode))
		return -ENOTDIR;
	if (entry->inode->directory.entry_count > 0)
		return -ENOTEMPTY;
	directory_remove(walk->directory, entry);
	return 0;
}

static int unlink_at(const struct walk *walk)
{
	struct directory_entry *entry;
	struct inode *inode;

	/* The root, "." and ".." are directories wherever they are anything. */
	if (walk->name.length == 0 || name_is_dots(&walk->name))
		return walk_last(walk, &inode) == 0 ? -EPERM : -ENOENT;
	entry = directory_find(walk->directory, &walk->name);
	if (!entry)
		return -ENOENT;
	if (inode_is_directory(entry->inode))
		return -EPERM;
	if (walk->ends_in_slash)
		return -ENOTDIR;
	directory_remove(walk->directory, entry);
	return 0;
}

int path_rmdir(struct inode *directory, const char *path)
{
	struct directories locked;
	struct walk walk;
	int error = walk_to_last(&walk, directory, path);

	if (error)
		return error;
	directories_lock(&locked, &walk, NULL);
	error = rmdir_at(&walk);
	directories_unlock(&locked);
	walk_end(&walk);
	return error;
}

int path_unlink(struct inode *directory, const char *path)
{
	struct walk walk;
	int error = walk_to_last(&walk, directory, path);

	if (error)
		return error;
	walk_lock(&walk);
	error = unlink_at(&walk);
	walk_unlock(&walk);
	walk_end(&walk);
	return error;
}

static int link_at(const struct walk *walk, struct inode *inode)
{
	const int error = walk_check_new(walk, false);

	if (error)
		return error;
	return directory_add(walk->directory, &walk->name, inode) ? -ENOSPC : 0;
}

int path_link(struct inode *directory, const char *old_path, const char *new_path)
{
	struct walk walk;
	struct inode *inode;
	int error = path_lookup_link(directory, old_path, &inode);

	if (error)
		return error;
	error = inode_is_directory(inode) ? -EPERM : walk_to_last(&walk, directory, new_path);
	if (!error) {
		walk_lock(&walk);
		error = link_at(&walk, inode);
		walk_unlock(&walk);
		walk_end(&walk);
	}
	inode_release(inode);
	return error;
}

static bool directory_is_below(const struct inode *directory, const struct inode *above)
{
	for (; directory != inode_root(); directory = directory->directory.parent)
		if (directory == above)
			return true;
	return directory == above;
}

/* What rename() asks of the inode that has the new name already. */
static int rename_check_target(const struct inode *from, const struct inode *to)
{
	if (!inode_is_directory(to))
		return inode_is_directory(from) ? -ENOTDIR : 0;
	if (!inode_is_directory(from))
		return -EISDIR;
	return to->directory.entry_count > 0 ? -ENOTEMPTY : 0;
}

static int rename_check_names(const struct walk *from, const struct walk *to)
{
	if (from->name.length == 0 || to->name.length == 0)
		return -EBUSY; /* the root */
	if (name_is_dots(&from->name) || name_is_dots(&to->name))
		return -EINVAL;
	return to->directory->directory.parent ? 0 : -ENOENT;
}

/* Moves what exists, as its type allows, over what has the new name, if anything has. */
static int rename_over(const struct walk *from, const struct walk *to, struct inode *inode)
{
	struct directory_entry *old = directory_find(from->directory, &from->name);
	struct directory_entry *existing = directory_find(to->directory, &to->name);
	int error = 0;

	if (existing && existing->inode == inode)
		return 0;
	if (existing)
		error = rename_check_target(inode, existing->inode);
	if (error)
		return error;
	error = directory_move(from->directory, old, to->directory, &to->name, existing);
	return error ? -ENOSPC : 0;
}

/* Caller holds names: of both directories, and that no directory comes to lie elsewhere. */
static int rename_at(const struct walk *from, const struct walk *to)
{
	struct inode *inode;
	int error = rename_check_names(from, to);

	if (!error)
		error = walk_last(from, &inode);
	if (error)
		return error;
	if (to->ends_in_slash && !inode_is_directory(inode))
		return -ENOTDIR;
	if (inode_is_directory(inode) && directory_is_below(to->directory, inode))
		return -EINVAL;
	return rename_over(from, to, inode);
}

/* Where directories have no locks of their own, one of the caller's is for all of them. */
static int rename_locked(const struct walk *from, const struct walk *to)
{
	struct directories locked;
	int error;

	directories_lock(&locked, from, to);
	error = rename_at(from, to);
	directories_unlock(&locked);
	return error;
}

int path_rename(struct inode *directory, const char *old_path, const char *new_path)
{
	struct walk from, to;
	int error = walk_to_last(&from, directory, old_path);

	if (error)
		return error;
	error = walk_to_last(&to, directory, new_path);
	if (!error) {
		error = rename_locked(&from, &to);
		walk_end(&to);
	}
	walk_end(&from);
	return error;
}
