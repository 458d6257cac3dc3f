/*
 * What the files of the RAM file system share: the inode itself, directories and content.
 */
#ifndef KERNEL_FS_INODE_INTERNAL_H
#define KERNEL_FS_INODE_INTERNAL_H

#include "kernel/fs/inode.h"

/* A name in a directory. */
struct directory_entry {
	struct directory_entry *chain; /* next in the hash bucket */
	struct list order;             /* in the directory, oldest first */
	struct inode *inode;
	uint32_t hash;
	uint32_t position; /* ever increasing: where a reader of the directory goes on */
	uint32_t length;
	char name[]; /* not NUL-terminated */
};

struct directory {
	struct directory_entry **buckets;
	uint32_t bucket_count; /* a power of two */
	uint32_t entry_count;
	uint32_t next_position;
	struct list entries;
	struct inode *parent;          /* NULL once removed; the root's is itself */
	struct directory_entry *entry; /* its own name in the parent; NULL for the root */
};

/*
 * Content of a regular file. Up to SLAB_OBJECT_MAX bytes lie in one chunk; more in pages, found
 * through one index page (depth 1, up to 4 MB) or an index of index pages (depth 2). A page that is
 * absent reads as zeros. Bytes beyond `size` are undefined.
 */
struct content {
	uint32_t size;
	uint32_t depth; /* of the index; 0: `chunk` is used */
	uint32_t chunk_size;
	union {
		void *chunk;
		void **index;
	};
};

struct inode {
	uint32_t number;
	uint32_t mode;
	uint32_t links;
	uint32_t references;
	struct castle_timespec modified;
	union {
		struct directory directory;
		struct content content;
		struct device *device;
		struct {
			const void *data; /* a file whose content is in a boot module */
			uint32_t size;
			const void *owner;
		} constant;
	};
	bool is_static;
};

static inline bool inode_is_directory(const struct inode *inode)
{
	return (inode->mode & CASTLE_S_IFMT) == CASTLE_S_IFDIR;
}

static inline bool inode_is_device(const struct inode *inode)
{
	return (inode->mode & CASTLE_S_IFMT) == CASTLE_S_IFCHR;
}

/* A new inode without links, with one reference. NULL when memory is out. */
struct inode *inode_create(uint32_t mode);

/* Frees the inode if nothing leads to it any more. */
void inode_free_if_unused(struct inode *inode);

/* Notes that the content has just changed. */
void inode_touch(struct inode *inode);

/* A component of a path. */
struct name {
	const char *text;
	uint32_t length;
	uint32_t hash;
};

int directory_init(struct directory *directory, struct inode *parent);
void directory_free(struct directory *directory);
struct directory_entry *directory_find(const struct inode *directory, const struct name *name);

/* Adds a name for `inode`, which is not there yet, and counts the link. 0 or -ENOMEM. */
int directory_add(struct inode *directory, const struct name *name, struct inode *inode);

/* Takes a name out and uncounts the link; the inode may be gone afterwards. */
void directory_remove(struct inode *directory, struct directory_entry *entry);

/*
 * Moves what `old` in `from` means to `name` in `to`, where `existing` is what has that name already
 * (NULL: nothing) and loses it. What moves keeps its own count of links; both may be one directory.
 * 0 or -ENOMEM; with an existing name it cannot fail.
 */
int directory_move(struct inode *from, struct directory_entry *old, struct inode *to,
		   const struct name *name, struct directory_entry *existing);

/* Entries from `*position` on, as struct castle_dirent; moves *position. Bytes, or -EINVAL,
 * -EFAULT. */
int directory_read(const struct inode *directory, uint32_t *position, user_addr_t buffer,
		   uint32_t size);

void content_free(struct content *content);
int content_truncate(struct content *content, uint32_t size);

#endif
