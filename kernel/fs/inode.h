/*
 * The RAM file system: inodes. Everything is in memory at all times (Section 3.2.3), so nothing
 * here ever waits. docs/file-system.md says what protects what; in short: which names lead where is
 * under `names`, what an inode says and contains is under `inode`, and an inode lives while it has
 * references, one of which stands for all of its names.
 *
 * Contract of all functions here: Caller holds inode.
 */
#ifndef KERNEL_FS_INODE_H
#define KERNEL_FS_INODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <castle/abi.h>
#include "arch/ia32/reference.h"
#include "kernel/lib/list.h"
#include "kernel/lock/lock.h"
#include "kernel/mem/user_copy.h"

struct device;
struct file_ops;
struct record_lock;

/* A name in a directory. All of it is under `names`, as the directory is. */
struct directory_entry {
	struct directory_entry *chain; /* next in the hash bucket */
	struct list order;             /* in the directory, oldest first */
	struct inode *inode;           /* kept by the reference that its names have */
	uint32_t hash;
	uint32_t position; /* ever increasing: where a reader of the directory goes on */
	uint32_t length;
	char name[]; /* not NUL-terminated; PATH_SLACK bytes behind it may be read */
};

#define DIRECTORY_CHANGED 8u

/* What an inode is that is a directory. All of it is under `names`. */
struct directory {
	struct directory_entry **buckets;
	uint32_t bucket_count; /* a power of two */
	uint32_t entry_count;
	uint32_t next_position;
	/*
	 * Of those changes that could be seen half done: how many are being made, and
	 * DIRECTORY_CHANGED for each that was.
	 */
	uint32_t changes;
	struct list entries;
	/*
	 * Upwards: no references, since a directory with names stays while it is in its parent.
	 * Both change when the directory is entered, moved and removed, with everything else
	 * standing.
	 */
	struct inode *parent;          /* NULL once removed; the root's is itself */
	struct directory_entry *entry; /* its own name in the parent; NULL for the root */
};

/*
 * Content of a regular file, under `inode`. Up to SLAB_OBJECT_MAX bytes lie in one chunk; more in
 * pages, found through one index page (depth 1, up to 4 MB) or an index of index pages (depth 2). A
 * page that is absent reads as zeros. Bytes beyond `size` are undefined.
 */
struct content {
	uint32_t size;
	uint32_t depth; /* of the index; 0: `chunk` is used */
	uint32_t chunk_size;
	bool shared; /* its pages count their owners (page_share.h), of which it is one */
	union {
		void *chunk;
		void **index;
	};
};

struct inode {
	uint32_t number;    /* set when it is made, as are the type in `mode` and is_static */
	uint32_t mode;      /* under `inode` */
	int32_t links;      /* as references; a directory's: 2, and one for each subdirectory */
	int32_t references; /* arch/ia32/reference.h; its names, while it has any, have one */
	struct castle_timespec modified; /* under `inode` */
	union {
		struct directory directory;
		struct content content;
		struct {
			struct device
				*device; /* set at boot, as is the rest of what drivers make */
			const struct file_ops *ops;
		} node;
		struct {
			const void
				*data; /* a file whose content is in a boot module; set at boot */
			uint32_t size;
			const void *owner;
		} constant;
		struct {
			char *text;      /* set before the link can be seen; not NUL-terminated */
			uint32_t length; /* at least 1 */
		} link;
	};
	struct record_lock *locks; /* kernel/fs/record_lock.h */
	bool is_static;
	LOCK_MEMBER(lock); /* of a directory's names, too */
};

/*
 * Takes what the file system has for this inode: its lock, or the one of all. Caller holds nothing.
 */
static inline void inode_lock(struct inode *inode)
{
	(void)inode;
	lock_acquire(files, &files_lock);
	lock_acquire(inode, &inode->lock);
}

/* Gives it up. Caller holds inode. */
static inline void inode_unlock(struct inode *inode)
{
	(void)inode;
	assert_held(inode);
	lock_release(inode, &inode->lock);
	lock_release(files, &files_lock);
}

/* Creates the root directory. 0 or -ENOMEM. At boot. */
int inode_root_create(void);

/* The root, which always lives. Any context. */
struct inode *inode_root(void);

/* One more reference to an inode that the caller has one to. Any context. */
static inline struct inode *inode_reference(struct inode *inode)
{
	reference_take(&inode->references);
	return inode;
}

/* Frees an inode that has no reference. Caller holds nothing; frees the inode. */
void inode_free(struct inode *inode);

/* Gives a reference back. Caller holds nothing; frees the inode. */
static inline void inode_release(struct inode *inode)
{
	if (reference_drop(&inode->references))
		inode_free(inode);
}

/* The owner of a file made by path_make_static(); NULL for any other inode. Any context. */
const void *inode_owner(const struct inode *inode);

/* CASTLE_S_IF*, which never changes. Any context. */
static inline uint32_t inode_type(const struct inode *inode)
{
	return inode->mode & CASTLE_S_IFMT;
}

/* Any context. */
static inline bool inode_is_regular(const struct inode *inode)
{
	return inode_type(inode) == CASTLE_S_IFREG;
}

/*
 * Content, to and from kernel memory. Bytes moved, or -EISDIR, -EINVAL, -ENOSPC (memory out),
 * -EFBIG, -EROFS.
 */
int inode_read(struct inode *inode, uint32_t offset, void *buffer, uint32_t size);
int inode_write(struct inode *inode, uint32_t offset, const void *buffer, uint32_t size);

/* To and from the active program's memory; also -EFAULT, where nothing at all could be moved. */
int inode_read_user(struct inode *inode, uint32_t offset, user_addr_t buffer, uint32_t size);
int inode_write_user(struct inode *inode, uint32_t offset, user_addr_t buffer, uint32_t size);

/* Sets the size; grows with zeros. 0, -EISDIR, -EINVAL, -EFBIG, -ENOSPC, -EROFS. */
int inode_truncate(struct inode *inode, uint32_t size);

/*
 * The page of a regular, not a static, file's content for programs to map, made where there is
 * none, and zero behind the end of the file. NULL when memory is out. It stays the file's as well:
 * the caller makes the mapping an owner (page_share_common()) before it gives up the inode.
 */
void *inode_shared_page(struct inode *inode, uint32_t page);

/*
 * Bytes of content; names in a directory; characters of a symbolic link. Any context (with a
 * reference; it may be another number at once unless the caller holds inode).
 */
uint32_t inode_size(const struct inode *inode);

/*
 * What stat() says, each number as it is when it is read; without a lock, since many may ask of one
 * file. Any context (with a reference).
 */
void inode_stat(const struct inode *inode, struct castle_stat *stat);

/* Sets the permissions, the lowest 12 bits of `mode`. */
void inode_set_permissions(struct inode *inode, uint32_t mode);

/* Sets the time of the last change. */
void inode_set_modified(struct inode *inode, const struct castle_timespec *time);

/* Notes that the content has just changed. */
void inode_touch(struct inode *inode);

#endif
