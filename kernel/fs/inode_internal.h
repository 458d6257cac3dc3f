/*
 * What the files of the RAM file system share: making inodes, directories, content.
 */
#ifndef KERNEL_FS_INODE_INTERNAL_H
#define KERNEL_FS_INODE_INTERNAL_H

#include <castle/errno.h>
#include "kernel/fs/inode.h"

/* Any context. */
static inline bool inode_is_directory(const struct inode *inode)
{
	return inode_type(inode) == CASTLE_S_IFDIR;
}

/* Any context. */
static inline bool inode_is_link(const struct inode *inode)
{
	return inode_type(inode) == CASTLE_S_IFLNK;
}

/* Any context. */
static inline bool inode_is_device(const struct inode *inode)
{
	return inode_type(inode) == CASTLE_S_IFCHR;
}

/*
 * A new inode, of the type and with the permissions in `mode`, without links, with one reference.
 * NULL when memory is out. Caller holds names.
 */
struct inode *inode_create(uint32_t mode);

/* Four characters, wherever they lie. */
typedef uint32_t __attribute__((may_alias, aligned(1))) word_t;

/*
 * By how many bits to shift a word of which `count` characters, 1 to 4, are a name's. Any context.
 */
static inline uint32_t name_shift(uint32_t count)
{
	return -8 * count % 32;
}

/* A component of a path. */
struct name {
	const char *text; /* in a path */
	uint32_t length;
	uint32_t hash;
};

/* An empty directory that has no name yet. 0 or -ENOMEM. Any context. */
int directory_init(struct directory *directory);

/* Frees what an empty directory has. Any context. */
void directory_free(struct directory *directory);

/* Whether an entry has this name, which is not empty. Any context. */
static inline __attribute__((always_inline)) bool name_equals(const struct name *name,
							      const struct directory_entry *entry)
{
	const char *ours = name->text, *theirs = entry->name;
	uint32_t left = name->length;

	if (entry->hash != name->hash || entry->length != left)
		return false;
	for (; left > sizeof(word_t); left -= sizeof(word_t)) {
		if (*(const word_t *)ours != *(const word_t *)theirs)
			return false;
		ours += sizeof(word_t);
		theirs += sizeof(word_t);
	}
	return (*(const word_t *)ours ^ *(const word_t *)theirs) << name_shift(left) == 0;
}

/* NULL if there is no such name. Caller holds names. */
struct directory_entry *directory_find(const struct inode *directory, const struct name *name);

/* That the directory was being changed while it was looked at without its lock. */
#define DIRECTORY_UNCERTAIN 1

/*
 * Finds the inode that a name means without the directory's lock. 0; -ENOENT, or -ENAMETOOLONG for
 * a name that no directory can have; DIRECTORY_UNCERTAIN. It is called between epoch_enter() and
 * epoch_leave(): so long the inode stays, if only as memory. Any context.
 */
static inline __attribute__((always_inline)) int
directory_peek(const struct inode *inode, const struct name *name, struct inode **found)
{
	const struct directory *directory = &inode->directory;
	/* Of changes that are under way nothing is left in here. */
	const uint32_t changes =
		__atomic_load_n(&directory->changes, __ATOMIC_ACQUIRE) & ~(DIRECTORY_CHANGED - 1);
	/* A larger table comes before its size does. */
	const uint32_t count = __atomic_load_n(&directory->bucket_count, __ATOMIC_ACQUIRE);
	struct directory_entry *const *const buckets =
		__atomic_load_n(&directory->buckets, __ATOMIC_ACQUIRE);
	const struct directory_entry *entry =
		__atomic_load_n(&buckets[name->hash & (count - 1)], __ATOMIC_ACQUIRE);
	int result = 0;

	while (entry && !name_equals(name, entry))
		entry = __atomic_load_n(&entry->chain, __ATOMIC_ACQUIRE);
	if (__builtin_expect(entry != NULL, 1))
		*found = __atomic_load_n(&entry->inode, __ATOMIC_ACQUIRE);
	else
		result = name->length > CASTLE_NAME_MAX ? -ENAMETOOLONG : -ENOENT;
	if (__atomic_load_n(&directory->changes, __ATOMIC_ACQUIRE) != changes)
		result = DIRECTORY_UNCERTAIN;
	return result;
}

/*
 * Adds a name for `inode`, which is not there yet, and counts the link. 0 or -ENOMEM. Caller holds
 * names.
 */
int directory_add(struct inode *directory, const struct name *name, struct inode *inode);

/* Takes a name out and uncounts the link. Caller holds names; frees the inode. */
void directory_remove(struct inode *directory, struct directory_entry *entry);

/*
 * Moves what `old` in `from` means to `name` in `to`, where `existing` is what has that name
 * already (NULL: nothing) and loses it. What moves keeps its own count of links; both may be one
 * directory. 0 or -ENOMEM; with an existing name it cannot fail. Caller holds names; frees the
 * inode replaced.
 */
int directory_move(struct inode *from, struct directory_entry *old, struct inode *to,
		   const struct name *name, struct directory_entry *existing);

/*
 * Entries from `*position` on, as struct castle_dirent; moves *position. Bytes, or -EINVAL,
 * -EFAULT. Caller holds names.
 */
int directory_read(const struct inode *directory, uint32_t *position, user_addr_t buffer,
		   uint32_t size);

/* Gives the memory of all content back, which nobody else sees; it is empty then. Any context. */
void content_free(struct content *content);

/* 0, -EFBIG or -ENOSPC. Caller holds inode. */
int content_truncate(struct content *content, uint32_t size);

#endif
