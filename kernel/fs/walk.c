/*
 * The walk along a path.
 */
#include "kernel/fs/walk.h"

#include <castle/errno.h>
#include "kernel/fs/path.h"
#include "kernel/lib/string.h"
#include "kernel/lock/domain.h"
#include "kernel/lock/lock.h"
#include "kernel/mem/slab.h"

#ifdef CASTLE_SMP
#include "kernel/smp/epoch.h"
#endif

#define HASH_FACTOR 0x9e3779b1u /* a prime near 2^32 by the golden ratio (Knuth, TAOCP 3, 6.4) */
#define EACH        0x01010101u /* a byte, in each of a word's */
#define LINKS_MAX   40u         /* that one walk follows: SYMLOOP_MAX is at least 8 */

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

void walk_free_buffer(struct walk *walk)
{
	kmem_free(walk->buffer, PATH_BUFFER);
}

/* A buffer, and room in it for so many characters. 0 or an error. */
static int buffer_prepare(struct walk *walk, uint32_t length)
{
	if (length >= CASTLE_PATH_MAX)
		return -ENAMETOOLONG;
	if (!walk->buffer) {
		walk->buffer = kmem_alloc(PATH_BUFFER);
		walk->links = 0;
	}
	if (!walk->buffer)
		return -ENOMEM;
	return walk->links++ == LINKS_MAX ? -ELOOP : 0;
}

/*
 * The walk's last component is this symbolic link: what is left to walk is what the link says and
 * what was left behind it, from the link's directory or the root. 0, -ENAMETOOLONG, -ELOOP,
 * -ENOMEM. The caller has the link by a reference, or its name in a directory that it holds.
 */
__attribute__((cold, noinline)) static int walk_splice(struct walk *walk, const struct inode *link)
{
	const uint32_t length = link->link.length, left = strlen(walk->rest);
	const int error = buffer_prepare(walk, length + walk->ends_in_slash + left);

	if (error)
		return error;
	/* The rest may lie in the buffer already. */
	memmove(walk->buffer + length + walk->ends_in_slash, walk->rest, left + 1);
	memcpy(walk->buffer, link->link.text, length);
	if (walk->ends_in_slash)
		walk->buffer[length] = '/';
	if (walk->buffer[0] == '/') {
		inode_release(walk->directory);
		walk->directory = inode_reference(inode_root());
	}
	walk->rest = skip_slashes(walk->buffer);
	return 0;
}

/*
 * One component on: the walk comes to stand on what walk->name means, or a symbolic link is put in
 * its place. 0 or an error. Takes names until it has the reference.
 */
static inline __attribute__((always_inline)) int walk_step(struct walk *walk)
{
	struct inode *left = walk->directory, *next;
	const int error = walk_find(walk, &next);

	if (error)
		return error;
	if (!inode_is_directory(next))
		return inode_is_link(next) ? walk_splice(walk, next) : -ENOTDIR;
	walk->directory = inode_reference(next);
	inode_release(left);
	return 0;
}

/* From where the walk stands to the directory of the last component. */
static inline __attribute__((always_inline)) int walk_on(struct walk *walk,
							 int (*step)(struct walk *))
{
	for (;;) {
		int error = split_component(walk);

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

static inline __attribute__((always_inline)) int
walk_along(struct walk *walk, struct inode *directory, const char *path, int (*step)(struct walk *))
{
	if (!*path)
		return -ENOENT;
	walk->directory = inode_reference(*path == '/' ? inode_root() : directory);
	walk->rest = skip_slashes(path);
	walk->buffer = NULL;
	return walk_on(walk, step);
}

LOCK_REPLACED int walk_to_last(struct walk *walk, struct inode *directory, const char *path)
{
	return walk_along(walk, directory, path, walk_step);
}

static inline __attribute__((always_inline)) int
walk_follow_by(struct walk *walk, const struct inode *link, int (*step)(struct walk *))
{
	const int error = walk_splice(walk, link);

	if (!error)
		return walk_on(walk, step);
	walk_end(walk);
	return error;
}

__attribute__((cold)) LOCK_REPLACED int walk_follow(struct walk *walk, const struct inode *link)
{
	return walk_follow_by(walk, link, walk_step);
}

static inline __attribute__((always_inline)) int find_last(const struct walk *walk,
							   struct inode **found)
{
	int error = 0;

	if (walk->name.length == 0)
		*found = walk->directory;
	else
		error = walk_find(walk, found);
	if (!error && walk->ends_in_slash && !inode_is_directory(*found) && !inode_is_link(*found))
		error = -ENOTDIR;
	return error;
}

int walk_last(const struct walk *walk, struct inode **found)
{
	assert_held(names);
	return find_last(walk, found);
}

int walk_lookup(const struct walk *walk, struct inode **result)
{
	const int error = find_last(walk, result);

	assert_held(names);
	if (!error)
		inode_reference(*result);
	return error;
}

/*
 * Whether a walk that found this inode goes on: to where a link with a slash behind it leads, too.
 */
static inline bool goes_on(const struct walk *walk, const struct inode *found, bool follow)
{
	return inode_is_link(found) && (follow || walk->ends_in_slash);
}

/* Lookup has found a symbolic link to go on from, to which it has a reference. */
__attribute__((cold, noinline)) static int lookup_on(struct walk *walk, bool follow,
						     struct inode **result)
{
	struct inode *link;
	int error;

	do {
		link = *result;
		error = walk_follow(walk, link);
		inode_release(link);
		if (error)
			return error;
		walk_lock(walk);
		error = walk_lookup(walk, result);
		walk_unlock(walk);
	} while (!error && goes_on(walk, *result, follow));
	walk_end(walk);
	return error;
}

/* Each directory under its lock, one after the other. */
static inline __attribute__((always_inline)) int lookup(struct inode *directory, const char *path,
							bool follow, struct inode **result)
{
	struct walk walk;
	int error = walk_to_last(&walk, directory, path);

	if (error)
		return error;
	walk_lock(&walk);
	error = find_last(&walk, result);
	if (!error)
		inode_reference(*result);
	walk_unlock(&walk);
	if (!error && __builtin_expect(goes_on(&walk, *result, follow), false))
		return lookup_on(&walk, follow, result);
	walk_end(&walk);
	return error;
}

LOCK_REPLACED int path_lookup(struct inode *directory, const char *path, struct inode **result)
{
	return lookup(directory, path, true, result);
}

LOCK_REPLACED int path_lookup_link(struct inode *directory, const char *path, struct inode **result)
{
	return lookup(directory, path, false, result);
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
 * Also DIRECTORY_UNCERTAIN: so at a symbolic link, too, which is not followed here. Caller is
 * between epoch_enter() and epoch_leave().
 */
static inline __attribute__((always_inline)) int
peek_to_last(struct walk *walk, struct inode *directory, const char *path)
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
			*walk = (struct walk){ directory, path, name, *end == '/', NULL, 0 };
			return 0;
		}
		error = peek(directory, &name, &directory);
		if (error)
			return error;
		if (!inode_is_directory(directory))
			return inode_is_link(directory) ? DIRECTORY_UNCERTAIN : -ENOTDIR;
	}
}

/* As walk_last(), and so; a link that the walk goes on from is uncertain. */
static inline __attribute__((always_inline)) int peek_last(const struct walk *walk, bool follow,
							   struct inode **found)
{
	int error = 0;

	if (walk->name.length == 0)
		*found = walk->directory;
	else
		error = peek(walk->directory, &walk->name, found);
	if (error)
		return error;
	if (goes_on(walk, *found, follow))
		return DIRECTORY_UNCERTAIN;
	return walk->ends_in_slash && !inode_is_directory(*found) ? -ENOTDIR : 0;
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
	if (inode_is_directory(next)) {
		walk->directory = next;
		inode_release(left);
		return 0;
	}
	error = inode_is_link(next) ? walk_splice(walk, next) : -ENOTDIR;
	inode_release(next);
	return error;
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

static int walk_follow_own(struct walk *walk, const struct inode *link)
{
	return walk_follow_by(walk, link, walk_step_own);
}

static inline __attribute__((always_inline)) int
lookup_own(struct inode *directory, const char *path, bool follow, struct inode **result)
{
	struct walk walk;
	int error;

	epoch_enter();
	error = peek_to_last(&walk, directory, path);
	if (!error)
		error = peek_last(&walk, follow, result);
	if (!error)
		error = hold(*result);
	epoch_leave();
	if (error == DIRECTORY_UNCERTAIN)
		error = lookup(directory, path, follow, result);
	return error;
}

static int path_lookup_own(struct inode *directory, const char *path, struct inode **result)
{
	return lookup_own(directory, path, true, result);
}

static int path_lookup_link_own(struct inode *directory, const char *path, struct inode **result)
{
	return lookup_own(directory, path, false, result);
}

LOCK_FUNCTION(walk_to_last, walk_to_last_own, inode);
LOCK_FUNCTION(walk_follow, walk_follow_own, inode);
LOCK_FUNCTION(path_lookup, path_lookup_own, inode);
LOCK_FUNCTION(path_lookup_link, path_lookup_link_own, inode);
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
