/*
 * The walk along a path.
 */
#include "kernel/fs/walk.h"

#include <castle/errno.h>
#include "kernel/lib/string.h"
#include "kernel/lock/domain.h"
#include "kernel/lock/lock.h"

/*
 * FNV-1a (Fowler, Noll, Vo), computed while the component's end is looked for. Hardly any character
 * of a name is below '/', so that one comparison does for most.
 */
static inline __attribute__((always_inline)) int split_component(struct walk *walk)
{
	uint32_t hash = 2166136261u;
	const char *at = walk->rest;

	walk->name.text = at;
	for (; (uint8_t)*at > '/' || (*at && *at != '/'); at++)
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

/* The inode that walk->name means in the walk's directory. 0 or -ENOENT. Caller holds names. */
static inline __attribute__((always_inline)) int walk_find(const struct walk *walk,
							   struct inode **found)
{
	const struct inode *directory = walk->directory;
	const struct directory_entry *entry;

	if (!directory->directory.parent)
		return -ENOENT; /* a removed directory has not even "." */
	if (name_is_dots(&walk->name)) {
		*found = walk->name.length == 1 ? walk->directory : directory->directory.parent;
		return 0;
	}
	entry = directory_find(directory, &walk->name);
	if (!entry)
		return -ENOENT;
	*found = entry->inode;
	return 0;
}

/*
 * One component on: the walk comes to stand on what walk->name means. 0, -ENOENT or -ENOTDIR. Takes
 * names until it has the reference.
 */
static inline __attribute__((always_inline)) int walk_step(struct walk *walk)
{
	struct inode *left = walk->directory, *next;
	const int error = walk_find(walk, &next);

	if (error)
		return error;
	if (!inode_is_directory(next))
		return -ENOTDIR;
	walk->directory = inode_reference(next);
	inode_release(left);
	return 0;
}

static inline __attribute__((always_inline)) int
walk_along(struct walk *walk, struct inode *directory, const char *path, int (*step)(struct walk *))
{
	int error;

	if (!*path)
		return -ENOENT;
	walk->directory = inode_reference(*path == '/' ? inode_root() : directory);
	while (*path == '/')
		path++;
	walk->rest = path;
	for (;;) {
		error = split_component(walk);
		if (!error && !*walk->rest)
			return 0;
		if (!error)
			error = step(walk);
		if (error) {
			walk_end(walk);
			return error;
		}
	}
}

LOCK_REPLACED int walk_to_last(struct walk *walk, struct inode *directory, const char *path)
{
	return walk_along(walk, directory, path, walk_step);
}

#ifdef CASTLE_SMP
/* The directory that is left is not given back under its own lock. */
static int walk_step_own(struct walk *walk)
{
	struct inode *left = walk->directory, *next;
	int error;

	lock_take(&left->lock, LOCK_DOMAIN_inode);
	error = walk_find(walk, &next);
	if (!error)
		inode_reference(next);
	lock_give(&left->lock, LOCK_DOMAIN_inode);
	if (error)
		return error;
	walk->directory = next;
	inode_release(left);
	return inode_is_directory(next) ? 0 : -ENOTDIR;
}

static int walk_to_last_own(struct walk *walk, struct inode *directory, const char *path)
{
	return walk_along(walk, directory, path, walk_step_own);
}

LOCK_FUNCTION(walk_to_last, walk_to_last_own, inode);
#endif

int walk_last(const struct walk *walk, struct inode **found)
{
	int error = 0;

	assert_held(names);
	if (walk->name.length == 0)
		*found = walk->directory;
	else
		error = walk_find(walk, found);
	if (!error && walk->ends_in_slash && !inode_is_directory(*found))
		error = -ENOTDIR;
	return error;
}

int walk_check_new(const struct walk *walk, bool is_directory)
{
	struct inode *existing;

	assert_held(names);
	if (walk->name.length == 0 || walk_find(walk, &existing) == 0)
		return -EEXIST;
	if (!walk->directory->directory.parent)
		return -ENOENT;
	return walk->ends_in_slash && !is_directory ? -ENOENT : 0;
}
