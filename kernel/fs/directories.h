/*
 * Locks of several directories at once, for calls that change more than the names in one: rename()
 * and rmdir(). Where directories have no locks of their own nothing is left of this.
 */
#ifndef KERNEL_FS_DIRECTORIES_H
#define KERNEL_FS_DIRECTORIES_H

#include "kernel/fs/walk.h"
#include "kernel/lock/lock.h"

/* Two directories, and what their two names mean. */
#define DIRECTORIES_MAX 4

/* What directories_lock() has locked. */
struct directories {
	struct inode *inodes[DIRECTORIES_MAX]; /* in the order of their addresses */
	uint32_t count;
	bool tree;
};

#ifdef CASTLE_SMP
/* The same where each directory has a lock of its own. Caller holds nothing. */
void directories_lock_own(struct directories *locked, const struct walk *from,
			  const struct walk *to);

/* Caller holds inode. */
void directories_unlock_own(const struct directories *locked);
#else
#define directories_lock_own(locked, from, to) ((void)(locked), (void)(from), (void)(to))
#define directories_unlock_own(locked)         ((void)(locked))
#endif

/*
 * Locks the directories that two walks stand on (`to` NULL: one), and those that their last
 * components mean, if they are directories: their parents and their being empty do not change until
 * directories_unlock(). Caller holds nothing.
 */
static inline void directories_lock(struct directories *locked, const struct walk *from,
				    const struct walk *to)
{
	(void)locked, (void)from, (void)to; /* without multiprocessor code */
	if (lock_is_used(LOCK_BIT(inode)))
		directories_lock_own(locked, from, to);
}

/* Caller holds names. */
static inline void directories_unlock(const struct directories *locked)
{
	(void)locked;
	if (lock_is_used(LOCK_BIT(inode)))
		directories_unlock_own(locked);
}

#endif
