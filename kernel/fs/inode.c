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

#ifdef CASTLE_SMP
#include "kernel/smp/epoch.h"
#endif

#define STAT_BLOCK  512u
#define PERMISSIONS 07777u

static struct slab_cache inode_cache GUARDED_BY(slabs);
static struct inode *root SET_AT_BOOT;
static uint32_t last_number UNGUARDED("changed by number_next() alone");

struct inode *inode_create(uint32_t mode)
{
	struct inode *inode;

	assert_held(names);
	inode = slab_alloc_zeroed(&inode_cache);
	if (!inode)
		return NULL;
	inode->mode = mode;
	if (inode_is_directory(inode) && directory_init(&inode->directory) != 0) {
		slab_free(&inode_cache, inode);
		return NULL;
	}
	inode->number = number_next(&last_number);
	inode->references = 1;
	time_now_coarse(&inode->modified);
	return inode;
}

int inode_root_create(void)
{
	slab_cache_init(&inode_cache, "inode", sizeof(struct inode), sizeof(void *));
	root = inode_create(CASTLE_S_IFDIR | 0755);
	if (!root)
		return -ENOMEM;
	root->directory.parent = root;
	root->links = 2;
	return 0;
}

struct inode *inode_root(void)
{
	return root;
}

static inline __attribute__((always_inline)) void contents_free(struct inode *inode)
{
	assert(inode->references == 0 && inode->links == 0);
	if (inode_is_directory(inode))
		directory_free(&inode->directory);
	else if (inode_is_regular(inode) && !inode->is_static)
		content_free(&inode->content);
}

LOCK_REPLACED void inode_free(struct inode *inode)
{
	contents_free(inode);
	slab_free(&inode_cache, inode);
}

#ifdef CASTLE_SMP
/* Somebody who has just found its name may be looking at it. */
static void inode_free_later(struct inode *inode)
{
	contents_free(inode);
	epoch_retire(inode);
}

LOCK_FUNCTION(inode_free, inode_free_later, inode);
#endif

void inode_touch(struct inode *inode)
{
	assert_held(inode);
	time_now_coarse(&inode->modified);
}

void inode_set_modified(struct inode *inode, const struct castle_timespec *time)
{
	assert_held(inode);
	inode->modified = *time;
}

/* Permissions are kept for programs to see; nobody enforces them, there being one user. */
void inode_set_permissions(struct inode *inode, uint32_t mode)
{
	assert_held(inode);
	inode->mode = inode_type(inode) | (mode & PERMISSIONS);
}

const void *inode_owner(const struct inode *inode)
{
	return inode->is_static ? inode->constant.owner : NULL;
}

uint32_t inode_size(const struct inode *inode)
{
	assert_held(inode);
	if (inode->is_static)
		return inode->constant.size;
	if (inode_is_regular(inode))
		return inode->content.size;
	return inode_is_directory(inode) ? inode->directory.entry_count : 0;
}

void inode_stat(const struct inode *inode, struct castle_stat *stat)
{
	assert_held(inode);
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

	assert_held(inode);
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
