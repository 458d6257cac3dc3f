/*
 * Path lookup (POSIX.1-2017, section 4.13, "Pathname Resolution"; there are no symbolic links) and
 * the calls that work on names.
 */
#include <castle/errno.h>
#include "kernel/fs/inode_internal.h"
#include "kernel/lib/string.h"

/* A path on its way: the directory reached, and what is left to do. */
struct walk {
	struct inode *directory; /* no reference held: nothing changes during a walk */
	const char *rest;
	struct name name;   /* the last component split off */
	bool ends_in_slash; /* the path had slashes behind its last component */
};

/* FNV-1a (Fowler, Noll, Vo), computed while the component's end is looked for. */
static int split_component(struct walk *walk)
{
	uint32_t hash = 2166136261u;
	const char *at = walk->rest;

	walk->name.text = at;
	for (; *at && *at != '/'; at++)
		hash = (hash ^ (uint8_t)*at) * 16777619u;
	walk->name.length = at - walk->name.text;
	walk->name.hash = hash ^ hash >> 16;
	if (walk->name.length > CASTLE_NAME_MAX)
		return -ENAMETOOLONG;
	walk->ends_in_slash = *at == '/';
	while (*at == '/')
		at++;
	walk->rest = at;
	return 0;
}

static bool name_is_dots(const struct name *name)
{
	return name->text[0] == '.' &&
	       (name->length == 1 || (name->length == 2 && name->text[1] == '.'));
}

/* The inode that walk->name means in walk->directory. 0 or -ENOENT. */
static int walk_find(const struct walk *walk, struct inode **found)
{
	const struct directory_entry *entry;

	if (!walk->directory->directory.parent)
		return -ENOENT; /* a removed directory has not even "." */
	if (name_is_dots(&walk->name)) {
		*found = walk->name.length == 1 ? walk->directory
						: walk->directory->directory.parent;
		return 0;
	}
	entry = directory_find(walk->directory, &walk->name);
	if (!entry)
		return -ENOENT;
	*found = entry->inode;
	return 0;
}

/*
 * Walks to the directory that holds the last component, and leaves that in walk->name; it is empty
 * for the root. 0, -ENOENT, -ENOTDIR or -ENAMETOOLONG.
 */
static int walk_to_last(struct walk *walk, struct inode *directory, const char *path)
{
	struct inode *next;
	int error;

	if (!*path)
		return -ENOENT;
	walk->directory = *path == '/' ? inode_root() : directory;
	while (*path == '/')
		path++;
	walk->rest = path;
	error = split_component(walk);
	while (!error && *walk->rest) {
		error = walk_find(walk, &next);
		if (!error && !inode_is_directory(next))
			error = -ENOTDIR;
		if (!error) {
			walk->directory = next;
			error = split_component(walk);
		}
	}
	return error;
}

static int walk_last(struct walk *walk, struct inode **found)
{
	int error = 0;

	if (walk->name.length == 0)
		*found = walk->directory;
	else
		error = walk_find(walk, found);
	if (!error && walk->ends_in_slash && !inode_is_directory(*found))
		error = -ENOTDIR;
	return error;
}

int path_lookup(struct inode *directory, const char *path, struct inode **result)
{
	struct walk walk;
	int error = walk_to_last(&walk, directory, path);

	if (!error)
		error = walk_last(&walk, result);
	if (!error)
		inode_reference(*result);
	return error;
}

int path_of_directory(struct inode *directory, char *buffer, size_t size)
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

/*
 * Walks to where a new name shall be. -EEXIST if it is there; -ENOENT if its directory was removed.
 */
static int walk_to_new(struct walk *walk, struct inode *directory, const char *path,
		       bool is_directory)
{
	struct inode *existing;
	int error = walk_to_last(walk, directory, path);

	if (error)
		return error;
	if (walk->name.length == 0 || walk_find(walk, &existing) == 0)
		return -EEXIST;
	if (!walk->directory->directory.parent)
		return -ENOENT;
	return walk->ends_in_slash && !is_directory ? -ENOENT : 0;
}

/* Gives a new inode its name and drops the maker's reference, or the inode. */
static int inode_enter(struct walk *walk, struct inode *inode)
{
	const int error = directory_add(walk->directory, &walk->name, inode);

	inode_release(inode);
	return error;
}

/* Whether an inode of this type can be opened so. */
static int open_check(const struct inode *inode, uint32_t flags, bool writes)
{
	if (inode_is_directory(inode) && (writes || flags & (CASTLE_O_CREAT | CASTLE_O_TRUNC)))
		return -EISDIR;
	if (!inode_is_directory(inode) && flags & CASTLE_O_DIRECTORY)
		return -ENOTDIR;
	if (inode->is_static && (writes || flags & CASTLE_O_TRUNC))
		return -EROFS;
	return 0;
}

static int open_existing(struct inode *inode, uint32_t flags)
{
	const bool writes = (flags & CASTLE_O_ACCMODE) != CASTLE_O_RDONLY;
	const int error = open_check(inode, flags, writes);

	if (!error && flags & CASTLE_O_TRUNC && writes && inode_is_regular(inode))
		return inode_truncate(inode, 0);
	return error;
}

static int open_new(struct walk *walk, uint32_t mode, struct inode **result)
{
	struct inode *inode;
	int error;

	if (!walk->directory->directory.parent)
		return -ENOENT;
	if (walk->ends_in_slash)
		return -EISDIR;
	inode = inode_create(CASTLE_S_IFREG | (mode & 07777));
	if (!inode)
		return -ENOSPC;
	error = directory_add(walk->directory, &walk->name, inode);
	if (error) {
		inode_release(inode);
		return -ENOSPC;
	}
	*result = inode;
	return 0;
}

int path_open(struct inode *directory, const char *path, uint32_t flags, uint32_t mode,
	      struct inode **result)
{
	struct walk walk;
	int error = walk_to_last(&walk, directory, path);

	if (error)
		return error;
	error = walk_last(&walk, result);
	if (error == -ENOENT && flags & CASTLE_O_CREAT)
		return open_new(&walk, mode, result);
	if (error)
		return error;
	if ((flags & (CASTLE_O_CREAT | CASTLE_O_EXCL)) == (CASTLE_O_CREAT | CASTLE_O_EXCL))
		return -EEXIST;
	error = open_existing(*result, flags);
	if (!error)
		inode_reference(*result);
	return error;
}

int path_mkdir(struct inode *directory, const char *path, uint32_t mode)
{
	struct walk walk;
	struct inode *inode;
	int error = walk_to_new(&walk, directory, path, true);

	if (error)
		return error;
	inode = inode_create(CASTLE_S_IFDIR | (mode & 07777));
	if (!inode)
		return -ENOSPC;
	if (directory_init(&inode->directory, walk.directory) != 0) {
		inode_release(inode);
		return -ENOSPC;
	}
	return inode_enter(&walk, inode) ? -ENOSPC : 0;
}

int path_rmdir(struct inode *directory, const char *path)
{
	struct walk walk;
	struct directory_entry *entry;
	int error = walk_to_last(&walk, directory, path);

	if (error)
		return error;
	if (walk.name.length == 0)
		return -EBUSY; /* the root */
	if (name_is_dots(&walk.name))
		return walk.name.length == 1 ? -EINVAL : -ENOTEMPTY;
	entry = directory_find(walk.directory, &walk.name);
	if (!entry)
		return -ENOENT;
	if (!inode_is_directory(entry->inode))
		return -ENOTDIR;
	if (entry->inode->directory.entry_count > 0)
		return -ENOTEMPTY;
	directory_remove(walk.directory, entry);
	return 0;
}

int path_unlink(struct inode *directory, const char *path)
{
	struct walk walk;
	struct inode *inode;
	int error = walk_to_last(&walk, directory, path);

	if (!error)
		error = walk_last(&walk, &inode);
	if (error)
		return error;
	if (inode_is_directory(inode))
		return -EPERM;
	directory_remove(walk.directory, directory_find(walk.directory, &walk.name));
	return 0;
}

int path_link(struct inode *directory, const char *old_path, const char *new_path)
{
	struct walk walk;
	struct inode *inode;
	int error = path_lookup(directory, old_path, &inode);

	if (error)
		return error;
	if (inode_is_directory(inode))
		error = -EPERM;
	if (!error)
		error = walk_to_new(&walk, directory, new_path, false);
	if (!error && directory_add(walk.directory, &walk.name, inode) != 0)
		error = -ENOSPC;
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

/* `inode` gets its new name before it loses the old one: it stays alive, and running out is
 * harmless. */
static int rename_move(struct walk *from, struct walk *to, struct inode *inode)
{
	struct directory_entry *old = directory_find(from->directory, &from->name);
	struct directory_entry *existing = directory_find(to->directory, &to->name);
	int error = existing ? rename_check_target(inode, existing->inode) : 0;

	if (error)
		return error;
	if (existing && existing->inode == inode)
		return 0;
	inode_reference(inode);
	if (existing)
		directory_replace(to->directory, existing, inode);
	else
		error = directory_add(to->directory, &to->name, inode);
	if (!error) {
		struct directory_entry *new = directory_find(to->directory, &to->name);
		directory_remove(from->directory, old);
		directory_moved(to->directory, new);
	}
	inode_release(inode);
	return error ? -ENOSPC : 0;
}

int path_rename(struct inode *directory, const char *old_path, const char *new_path)
{
	struct walk from, to;
	struct inode *inode;
	int error = walk_to_last(&from, directory, old_path);

	if (!error)
		error = walk_to_last(&to, directory, new_path);
	if (!error)
		error = rename_check_names(&from, &to);
	if (!error)
		error = walk_last(&from, &inode);
	if (error)
		return error;
	if (to.ends_in_slash && !inode_is_directory(inode))
		return -ENOTDIR;
	if (inode_is_directory(inode) && directory_is_below(to.directory, inode))
		return -EINVAL;
	return rename_move(&from, &to, inode);
}

int path_make_device(const char *path, struct device *device)
{
	struct walk walk;
	struct inode *inode;
	int error = walk_to_new(&walk, inode_root(), path, false);

	if (error)
		return error;
	inode = inode_create(CASTLE_S_IFCHR | 0666);
	if (!inode)
		return -ENOMEM;
	inode->device = device;
	return inode_enter(&walk, inode);
}

int path_make_static(const char *path, const void *data, uint32_t size, uint32_t mode,
		     const void *owner)
{
	struct walk walk;
	struct inode *inode;
	int error = walk_to_new(&walk, inode_root(), path, false);

	if (error)
		return error;
	inode = inode_create(CASTLE_S_IFREG | (mode & 07777));
	if (!inode)
		return -ENOMEM;
	inode->is_static = true;
	inode->constant.data = data;
	inode->constant.size = size;
	inode->constant.owner = owner;
	return inode_enter(&walk, inode);
}
