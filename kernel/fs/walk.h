/*
 * The walk along a path (POSIX.1-2017, section 4.13, "Pathname Resolution"), up to the directory
 * that holds the last component. What is done with the last component is done in that directory, in
 * one piece.
 */
#ifndef KERNEL_FS_WALK_H
#define KERNEL_FS_WALK_H

#include "kernel/fs/inode_internal.h"

/*
 * A path on its way: the directory reached, and what is left to do. The walk holds a reference to
 * the directory that it stands on and nothing else: between two components all names may change,
 * the directory may even be removed, and then has no names.
 *
 * Where a symbolic link stands for a directory on the way, the rest of the path is what the link
 * says and what is left behind it: that lies in a buffer of the walk's own.
 */
struct walk {
	struct inode *directory; /* with a reference of the walk's */
	const char *rest;
	struct name name;   /* the last component split off; empty for the root itself */
	bool ends_in_slash; /* the path has slashes behind its last component */
	char *buffer;       /* PATH_BUFFER bytes, from the first symbolic link on; else NULL */
	uint32_t links;     /* followed so far; of no meaning without a buffer */
};

/*
 * Walks to the directory that holds the last component, and leaves that in walk->name. The path is
 * NUL-terminated; a relative one starts at `directory`, to which the caller has a reference (it may
 * be NULL for others). 0, and walk_end() is the caller's to call; or -ENOENT, -ENOTDIR,
 * -ENAMETOOLONG, -ELOOP, -ENOMEM. Caller holds nothing.
 */
int walk_to_last(struct walk *walk, struct inode *directory, const char *path);

/*
 * The inode that the last component means, without a reference of its own; it may be a symbolic
 * link. 0, -ENOENT, or -ENOTDIR for a path that ends in a slash and leads to no directory. Caller
 * holds names.
 */
int walk_last(const struct walk *walk, struct inode **found);

/*
 * Goes on where a symbolic link leads that was the last component, to the directory that holds the
 * last component from then on. The caller has a reference to the link. As walk_to_last(), and when
 * it fails the walk has ended. Caller holds nothing.
 */
int walk_follow(struct walk *walk, const struct inode *link);

/* As walk_last() with a reference. Caller holds names. */
int walk_lookup(const struct walk *walk, struct inode **result);

/*
 * 0 if the last component can become a new name, of a directory or of something else; -EEXIST if it
 * is there; -ENOENT if its directory was removed. Caller holds names.
 */
int walk_check_new(const struct walk *walk, bool is_directory);

/*
 * The lock of the directory that the walk stands on, where directories have locks. Caller holds
 * nothing.
 */
static inline void walk_lock(const struct walk *walk)
{
	(void)walk;
	lock_acquire(inode, &walk->directory->lock);
}

/* Caller holds names. */
static inline void walk_unlock(const struct walk *walk)
{
	(void)walk;
	lock_release(inode, &walk->directory->lock);
}

/* Gives back what symbolic links needed. Caller holds nothing. */
void walk_free_buffer(struct walk *walk);

/* Lets go of the directory. Caller holds nothing; frees the directory. */
static inline void walk_end(struct walk *walk)
{
	if (__builtin_expect(walk->buffer != NULL, false))
		walk_free_buffer(walk);
	inode_release(walk->directory);
}

/* True for "." and "..". Any context. */
static inline bool name_is_dots(const struct name *name)
{
	return name->text[0] == '.' &&
	       (name->length == 1 || (name->length == 2 && name->text[1] == '.'));
}

#endif
