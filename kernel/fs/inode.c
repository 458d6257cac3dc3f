/*
 * Inodes of the RAM file system: their life, and the facts about them.
 */
#include "kernel/fs/inode_internal.h"

#include <castle/errno.h>
#include "kernel/lib/assert.h"
#include "kernel/lib/string.h"
#include "kernel/lock/domain.h"
#include "kernel/mem/slab.h"
#include "kernel/time/clock.h"

#define STAT_BLOCK 512u

static struct slab_cache inode_cache GUARDED_BY(slabs);
static struct inode *root SET_AT_BOOT;

struct inode *inode_create(uint32_t mode)
{
	static uint32_t last_number GUARDED_BY(names);
	struct inode *inode = slab_alloc_zeroed(&inode_cache);

	if (!inode)
		return NULL;
	inode->number = ++last_number;
	inode->mode = mode;
	inode->references = 1;
	time_now(&inode->modified);
	return inode;
}

int inode_root_create(void)
{
	int error;

	slab_cache_init(&inode_cache, "inode", sizeof(struct inode), sizeof(void *));
	root = inode_create(CASTLE_S_IFDIR | 0755);
	if (!root)
		return -ENOMEM;
	error = directory_init(&root->directory, root);
	if (error)
		slab_free(&inode_cache, root);
	root->links = 2;
	return error;
}

struct inode *inode_root(void)
{
	return root;
}

struct inode *inode_reference(struct inode *inode)
{
	inode->references++;
	return inode;
}

void inode_free_if_unused(struct inode *inode)
{
	if (inode->references > 0 || inode->links > 0)
		return;
	if (inode_is_directory(inode))
		directory_free(&inode->directory);
	else if (inode_is_regular(inode) && !inode->is_static)
		content_free(&inode->content);
	slab_free(&inode_cache, inode);
}

void inode_release(struct inode *inode)
{
	assert(inode->references > 0);
	inode->references--;
	inode_free_if_unused(inode);
}

void inode_touch(struct inode *inode)
{
	time_now(&inode->modified);
}

bool inode_is_regular(const struct inode *inode)
{
	return (inode->mode & CASTLE_S_IFMT) == CASTLE_S_IFREG;
}

const void *inode_owner(const struct inode *inode)
{
	return inode->is_static ? inode->constant.owner : NULL;
}

static uint32_t inode_size(const struct inode *inode)
{
	if (inode->is_static)
		return inode->constant.size;
	if (inode_is_regular(inode))
		return inode->content.size;
	return inode_is_directory(inode) ? inode->directory.entry_count : 0;
}

void inode_stat(const struct inode *inode, struct castle_stat *stat)
{
	stat->device = 1;
	stat->inode = inode->number;
	stat->mode = inode->mode;
	stat->links = inode->links;
	stat->size = inode_size(inode);
	stat->blocks = (stat->size + STAT_BLOCK - 1) / STAT_BLOCK;
	stat->modified = inode->modified;
}

int inode_truncate(struct inode *inode, uint32_t size)
{
	int error;

	if (inode_is_directory(inode))
		return -EISDIR;
	if (!inode_is_regular(inode))
		return -EINVAL;
	if (inode->is_static)
		return -EROFS;
	error = content_truncate(&inode->content, size);
	if (!error)
		inode_touch(inode);
	return error;
}
