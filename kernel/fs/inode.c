/*
 * Inodes of the RAM file system: their life, and the facts about them.
 */
#include "kernel/fs/inode_internal.h"

#include <castle/errno.h>
#include "kernel/fs/record_lock.h"
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
	if (__builtin_expect(inode->locks != NULL, false))
		record_locks_free(inode);
	if (inode_is_directory(inode))
		directory_free(&inode->directory);
	else if (inode_is_regular(inode) && !inode->is_static)
		content_free(&inode->content);
	else if (inode_is_link(inode) && inode->link.text)
		kmem_free(inode->link.text, inode->link.length);
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

/*
 * The time of the last change is two words, which stat() reads without the lock: as long as they do
 * not belong together, the second one says so, and it is the last to be written.
 */
#define UNSETTLED UINT32_MAX

void inode_touch(struct inode *inode)
{
	assert_held(inode);
	__atomic_store_n(&inode->modified.nanoseconds, UNSETTLED, __ATOMIC_RELAXED);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	time_now_coarse(&inode->modified);
}

void inode_set_modified(struct inode *inode, const struct castle_timespec *time)
{
	struct castle_timespec *modified = &inode->modified;

	assert_held(inode);
	__atomic_store_n(&modified->nanoseconds, UNSETTLED, __ATOMIC_RELAXED);
	__atomic_store_n(&modified->seconds, time->seconds, __ATOMIC_RELEASE);
	__atomic_store_n(&modified->nanoseconds, time->nanoseconds, __ATOMIC_RELEASE);
}

static struct castle_timespec modified_read(const struct inode *inode)
{
	const struct castle_timespec *modified = &inode->modified;
	struct castle_timespec time;

	do {
		time.nanoseconds = __atomic_load_n(&modified->nanoseconds, __ATOMIC_ACQUIRE);
		time.seconds = __atomic_load_n(&modified->seconds, __ATOMIC_ACQUIRE);
	} while (time.nanoseconds == UNSETTLED ||
		 time.nanoseconds != __atomic_load_n(&modified->nanoseconds, __ATOMIC_RELAXED));
	return time;
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
	if (inode->is_static)
		return inode->constant.size;
	if (inode_is_regular(inode))
		return __atomic_load_n(&inode->content.size, __ATOMIC_RELAXED);
	if (inode_is_link(inode))
		return inode->link.length;
	return inode_is_directory(inode)
		       ? __atomic_load_n(&inode->directory.entry_count, __ATOMIC_RELAXED)
		       : 0;
}

void inode_stat(const struct inode *inode, struct castle_stat *stat)
{
	stat->device = 1;
	stat->inode = inode->number;
	stat->mode = __atomic_load_n(&inode->mode, __ATOMIC_RELAXED);
	stat->links = __atomic_load_n(&inode->links, __ATOMIC_RELAXED);
	stat->size = inode_size(inode);
	stat->blocks = (stat->size + STAT_BLOCK - 1) / STAT_BLOCK;
	stat->modified = modified_read(inode);
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
