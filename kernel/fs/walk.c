/*
 * The walk along a path.
 */
#include "kernel/fs/walk.h"

#include <castle/errno.h>
#include "kernel/fs/path.h"
#include "kernel/lib/string.h"
#include "kernel/lock/domain.h"
#include "kernel/lock/lock.h"

#ifdef CASTLE_SMP
#include "kernel/smp/epoch.h"
#endif

#define HASH_FACTOR 0x9e3779b1u /* a prime near 2^32 by the golden ratio (Knuth, TAOCP 3, 6.4) */
#define EACH        0x01010101u /* a byte, in each of a word's */

/* Has the highest bit of each byte that is 0; of bytes behind such a one perhaps, too. */
static inline uint32_t zeros_in(uint32_t word)
{
	return (word - EACH) & ~word & EACH << 7;
}

/*
 * Finds the end of a component and hashes it, four characters at a time. The upper bits of the
 * hash, which depend on all of them, fall on the lower ones, which choose the bucket.
 */
static inline __attribute__((always_inline)) const char *split(const char *at, struct name *name)
{
	uint32_t hash = 0, word, ends;

	name->text = at;
	for (;; at += sizeof(word_t)) {
		word = *(const word_t *)at;
		ends = zeros_in(word) | zeros_in(word ^ EACH * '/');
		if (ends)
			break;
		hash = (hash ^ word) * HASH_FACTOR;
	}
	word &= (ends ^ (ends - 1)) >> 8;
	hash = (hash ^ word) * HASH_FACTOR;
	at += __builtin_ctz(ends) / 8;
	name->length = at - name->text;
	name->hash = hash ^ hash >> 22;
	return at;
}

static inline const char *skip_slashes(const char *at)
{
	while (*at == '/')
		at++;
	return at;
}

static inline __attribute__((always_inline)) int split_component(struct walk *walk)
{
	const char *const end = split(walk->rest, &walk->name);

	if (walk->name.length > CASTLE_NAME_MAX)
		return -ENAMETOOLONG;
	walk->ends_in_slash = *end == '/';
	walk->rest = skip_slashes(end);
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
	walk->rest = skip_slashes(path);
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

int walk_lookup(const struct walk *walk, struct inode **result)
{
	const int error = walk_last(walk, result);

	assert_held(names);
	if (!error)
		inode_reference(*result);
	return error;
}

/* Each directory under its lock, one after the other. */
static inline int lookup(struct inode *directory, const char *path, struct inode **result)
{
	struct walk walk;
	int error = walk_to_last(&walk, directory, path);

	if (error)
		return error;
	walk_lock(&walk);
	error = walk_lookup(&walk, result);
	walk_unlock(&walk);
	walk_end(&walk);
	return error;
}

LOCK_REPLACED int path_lookup(struct inode *directory, const char *path, struct inode **result)
{
	return lookup(directory, path, result);
}

#ifdef CASTLE_SMP
/* The same with "." and "..". */
static inline __attribute__((always_inline)) int peek(struct inode *directory,
						      const struct name *name, struct inode **found)
{
	struct inode *parent = __atomic_load_n(&directory->directory.parent, __ATOMIC_ACQUIRE);

	if (!parent)
		return -ENOENT;
	if (name_is_dots(name)) {
		*found = name->length == 1 ? directory : parent;
		return 0;
	}
	return directory_peek(directory, name, found);
}

/*
 * walk_to_last() without locks and references, and without looking how long the last component is.
 * Also DIRECTORY_UNCERTAIN. Caller is between epoch_enter() and epoch_leave().
 */
static int peek_to_last(struct walk *walk, struct inode *directory, const char *path)
{
	if (!*path)
		return -ENOENT;
	if (*path == '/')
		directory = inode_root();
	path = skip_slashes(path);
	for (;;) {
		struct name name;
		const char *const end = split(path, &name);
		int error;

		path = skip_slashes(end);
		if (!*path) {
			*walk = (struct walk){ directory, path, name, *end == '/' };
			return 0;
		}
		error = peek(directory, &name, &directory);
		if (error)
			return error;
		if (!inode_is_directory(directory))
			return -ENOTDIR;
	}
}

/* As walk_last(), and so. */
static int peek_last(const struct walk *walk, struct inode **found)
{
	int error = 0;

	if (walk->name.length == 0)
		*found = walk->directory;
	else
		error = peek(walk->directory, &walk->name, found);
	if (!error && walk->ends_in_slash && !inode_is_directory(*found))
		error = -ENOTDIR;
	return error;
}

/* A reference to what was found, unless it has gone meanwhile. 0 or DIRECTORY_UNCERTAIN. */
static int hold(struct inode *found)
{
	return reference_take_any(&found->references) ? 0 : DIRECTORY_UNCERTAIN;
}

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
	int error;

	epoch_enter();
	error = peek_to_last(walk, directory, path);
	if (!error && walk->name.length > CASTLE_NAME_MAX)
		error = -ENAMETOOLONG;
	if (!error)
		error = hold(walk->directory);
	epoch_leave();
	if (error == DIRECTORY_UNCERTAIN)
		error = walk_along(walk, directory, path, walk_step_own);
	return error;
}

static int path_lookup_own(struct inode *directory, const char *path, struct inode **result)
{
	struct walk walk;
	int error;

	epoch_enter();
	error = peek_to_last(&walk, directory, path);
	if (!error)
		error = peek_last(&walk, result);
	if (!error)
		error = hold(*result);
	epoch_leave();
	if (error == DIRECTORY_UNCERTAIN)
		error = lookup(directory, path, result);
	return error;
}

LOCK_FUNCTION(walk_to_last, walk_to_last_own, inode);
LOCK_FUNCTION(path_lookup, path_lookup_own, inode);
#endif

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
