/*
 * Several directories under their own locks.
 *
 * A call that renames a file within one directory takes that one's lock, as all calls do that
 * change one directory's names. All others first take `names`, of which there is one: nobody else
 * holds two directories' locks then, and no directory moves or goes, so that what a name means can
 * be looked up first and locked then. Among the directories the order is that of their addresses,
 * since a directory above may be found by way of one below ("..").
 */
#include "kernel/fs/directories.h"

#include "kernel/lib/assert.h"

/* The directory that the walk's last component means; NULL if it is none. */
static struct inode *directory_meant(const struct walk *walk)
{
	struct inode *found;
	bool is_one;

	walk_lock(walk);
	is_one = walk_last(walk, &found) == 0 && inode_is_directory(found);
	walk_unlock(walk);
	return is_one ? found : NULL;
}

static bool is_noted(const struct directories *locked, const struct inode *inode)
{
	for (uint32_t i = 0; i < locked->count; i++)
		if (locked->inodes[i] == inode)
			return true;
	return false;
}

static void directory_note(struct directories *locked, struct inode *inode)
{
	uint32_t at = locked->count;

	if (!inode || is_noted(locked, inode))
		return;
	for (; at > 0 && locked->inodes[at - 1] > inode; at--)
		locked->inodes[at] = locked->inodes[at - 1];
	locked->inodes[at] = inode;
	locked->count++;
}

static void walk_note(struct directories *locked, const struct walk *walk)
{
	directory_note(locked, walk->directory);
	directory_note(locked, directory_meant(walk));
}

/* False if a directory has come that is not locked: mkdir() does not take `names`. */
static bool walk_is_locked(const struct directories *locked, const struct walk *walk)
{
	struct inode *found;

	return !walk || walk_last(walk, &found) != 0 || !inode_is_directory(found) ||
	       is_noted(locked, found);
}

/* True if the call is about names of files in one directory: then that is locked. */
static bool lock_one(const struct walk *from, const struct walk *to)
{
	struct inode *found;

	if (!to || from->directory != to->directory)
		return false;
	walk_lock(from);
	if ((walk_last(from, &found) == 0 && inode_is_directory(found)) ||
	    (walk_last(to, &found) == 0 && inode_is_directory(found))) {
		walk_unlock(from);
		return false;
	}
	return true;
}

static void all_unlock(const struct directories *locked)
{
	for (uint32_t i = locked->count; i > 0; i--)
		lock_give(&locked->inodes[i - 1]->lock, LOCK_DOMAIN_inode);
}

void directories_lock_own(struct directories *locked, const struct walk *from,
			  const struct walk *to)
{
	locked->count = 0;
	locked->tree = !lock_one(from, to);
	if (!locked->tree) {
		directory_note(locked, from->directory);
		return;
	}
	lock_take(&names_lock, LOCK_DOMAIN_names);
	for (;;) {
		walk_note(locked, from);
		if (to)
			walk_note(locked, to);
		for (uint32_t i = 0; i < locked->count; i++)
			lock_take(&locked->inodes[i]->lock, LOCK_DOMAIN_inode);
		if (walk_is_locked(locked, from) && walk_is_locked(locked, to))
			return;
		all_unlock(locked);
		locked->count = 0;
	}
}

void directories_unlock_own(const struct directories *locked)
{
	assert_held(inode);
	all_unlock(locked);
	if (locked->tree)
		lock_give(&names_lock, LOCK_DOMAIN_names);
}
