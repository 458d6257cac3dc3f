/*
 * What the files of the RAM file system share: making inodes, directories, content.
 */
#ifndef KERNEL_FS_INODE_INTERNAL_H
#define KERNEL_FS_INODE_INTERNAL_H

#include "kernel/fs/inode.h"

/* CASTLE_S_IF*, which never changes. Any context. */
static inline uint32_t inode_type(const struct inode *inode)
{
	return inode->mode & CASTLE_S_IFMT;
}

/* Any context. */
static inline bool inode_is_directory(const struct inode *inode)
{
	return inode_type(inode) == CASTLE_S_IFDIR;
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

/* A component of a path. */
struct name {
	const char *text;
	uint32_t length;
	uint32_t hash;
};

/* An empty directory that has no name yet. 0 or -ENOMEM. Any context. */
int directory_init(struct directory *directory);

/* Frees what an empty directory has. Any context. */
void directory_free(struct directory *directory);

/* NULL if there is no such name. Caller holds names. */
struct directory_entry *directory_find(const struct inode *directory, const struct name *name);

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
