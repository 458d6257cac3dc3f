/*
 * Record locks: a list of ranges for each inode, of which no two conflict, and one queue of all who
 * wait for one. Whoever waits looks again when any lock is given up.
 */
#include "kernel/fs/record_lock.h"

#include <castle/abi.h>
#include <castle/errno.h>
#include "kernel/fs/inode.h"
#include "kernel/lock/domain.h"
#include "kernel/lock/lock.h"
#include "kernel/mem/slab.h"
#include "kernel/sched/wait_queue.h"

/* Cutting a piece out of a range leaves two, and a new lock may come to lie between them. */
#define LOCKS_SPARE 2

struct record_lock {
	struct record_lock *next;
	const struct file_table *owner;
	struct castle_record_lock range;
};

static struct slab_cache lock_cache GUARDED_BY(slabs);
static struct wait_queue
	waiting UNGUARDED("each thread in it is, with its inode's locks, under inode");

void record_lock_init(void)
{
	slab_cache_init(&lock_cache, "recordlock", sizeof(struct record_lock), sizeof(void *));
	wait_queue_init(&waiting, inode);
}

static bool overlap(const struct castle_record_lock *a, const struct castle_record_lock *b)
{
	return a->start <= b->end && b->start <= a->end;
}

/* A lock of another process's with which this one cannot be; NULL: there is none. */
static const struct record_lock *conflict_find(const struct inode *inode,
					       const struct file_table *owner,
					       const struct castle_record_lock *wanted)
{
	for (const struct record_lock *lock = inode->locks; lock; lock = lock->next)
		if (lock->owner != owner && overlap(&lock->range, wanted) &&
		    (lock->range.type == CASTLE_F_WRLCK || wanted->type == CASTLE_F_WRLCK))
			return lock;
	return NULL;
}

/* Locks that may be needed, made before anything is changed. */
struct spare {
	struct record_lock *locks;
};

static struct record_lock *spare_take(struct spare *spare)
{
	struct record_lock *lock = spare->locks;

	spare->locks = lock->next;
	return lock;
}

static void locks_free(struct record_lock *lock)
{
	while (lock) {
		struct record_lock *next = lock->next;
		slab_free(&lock_cache, lock);
		lock = next;
	}
}

static bool spare_make(struct spare *spare)
{
	spare->locks = NULL;
	for (unsigned i = 0; i < LOCKS_SPARE; i++) {
		struct record_lock *lock = slab_alloc(&lock_cache);
		if (!lock) {
			locks_free(spare->locks);
			return false;
		}
		lock->next = spare->locks;
		spare->locks = lock;
	}
	return true;
}

/* Cuts the range out of one lock that overlaps it. The link to what follows what is left of it. */
static struct record_lock **cut(struct record_lock **link, const struct castle_record_lock *range,
				struct spare *spare)
{
	struct record_lock *lock = *link, *behind;
	const bool before = lock->range.start < range->start;

	if (lock->range.end > range->end && before) {
		behind = spare_take(spare);
		*behind = *lock;
		behind->range.start = range->end + 1;
		lock->next = behind;
		lock->range.end = range->start - 1;
		return &behind->next;
	}
	if (lock->range.end > range->end) {
		lock->range.start = range->end + 1;
	} else if (before) {
		lock->range.end = range->start - 1;
	} else {
		*link = lock->next;
		slab_free(&lock_cache, lock);
		return link;
	}
	return &lock->next;
}

/* The owner has none in the range any more. */
static void clear(struct inode *inode, const struct file_table *owner,
		  const struct castle_record_lock *range, struct spare *spare)
{
	struct record_lock **link = &inode->locks;

	while (*link)
		link = (*link)->owner == owner && overlap(&(*link)->range, range)
			       ? cut(link, range, spare)
			       : &(*link)->next;
}

/* In place of whatever the owner has there. A lock that becomes weaker lets others in as well. */
static int32_t lock_set(struct inode *inode, const struct file_table *owner,
			const struct castle_record_lock *wanted)
{
	struct spare spare;

	assert_held(inode);
	if (!spare_make(&spare))
		return -ENOLCK;
	clear(inode, owner, wanted, &spare);
	if (wanted->type != CASTLE_F_UNLCK) {
		struct record_lock *lock = spare_take(&spare);
		*lock = (struct record_lock){ inode->locks, owner, *wanted };
		inode->locks = lock;
	}
	locks_free(spare.locks);
	wait_queue_wake_all(&waiting);
	return 0;
}

static int32_t lock_get(const struct record_lock *conflict, struct castle_record_lock *lock,
			user_addr_t address)
{
	if (conflict)
		*lock = conflict->range;
	else
		lock->type = CASTLE_F_UNLCK;
	return copy_to_user(address, lock, sizeof *lock);
}

/* Whether the file is open for what the lock is to protect. */
static bool is_allowed(const struct file *file, uint32_t type)
{
	if (type == CASTLE_F_RDLCK)
		return file_is_readable(file);
	return type == CASTLE_F_UNLCK || file_is_writable(file);
}

static int32_t check(const struct file *file, uint32_t command,
		     const struct castle_record_lock *lock)
{
	if (!file->inode || lock->start > lock->end)
		return -EINVAL;
	if (lock->type < CASTLE_F_RDLCK || lock->type > CASTLE_F_UNLCK)
		return -EINVAL;
	if (command == CASTLE_F_GETLK)
		return lock->type == CASTLE_F_UNLCK ? -EINVAL : 0;
	return is_allowed(file, lock->type) ? 0 : -EBADF;
}

static int32_t control(struct inode *inode, const struct file_table *owner, uint32_t command,
		       struct castle_record_lock *lock, user_addr_t address)
{
	const struct record_lock *conflict = NULL;

	if (lock->type != CASTLE_F_UNLCK)
		conflict = conflict_find(inode, owner, lock);
	if (command == CASTLE_F_GETLK)
		return lock_get(conflict, lock, address);
	if (!conflict)
		return lock_set(inode, owner, lock);
	if (command == CASTLE_F_SETLKW)
		return wait_queue_block_restart(&waiting);
	return -EAGAIN;
}

int32_t record_lock_control(struct file *file, const struct file_table *owner, int32_t pid,
			    uint32_t command, user_addr_t address)
{
	struct castle_record_lock lock;
	int32_t result = copy_from_user(&lock, address, sizeof lock);

	if (!result)
		result = check(file, command, &lock);
	if (result)
		return result;
	lock.pid = pid;
	inode_lock(file->inode);
	result = control(file->inode, owner, command, &lock, address);
	inode_unlock(file->inode);
	return result;
}

void record_locks_drop(struct inode *inode, const struct file_table *owner)
{
	const struct castle_record_lock all = { .start = 0, .end = UINT32_MAX };
	struct spare none = { NULL };

	inode_lock(inode);
	clear(inode, owner, &all, &none);
	wait_queue_wake_all(&waiting);
	inode_unlock(inode);
}

void record_locks_free(struct inode *inode)
{
	locks_free(inode->locks);
}
