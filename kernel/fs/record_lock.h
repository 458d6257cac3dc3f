/*
 * Record locks: what processes promise each other about ranges of a file (POSIX.1-2017, fcntl()).
 * They keep nobody from anything but such locks. A process's locks on a file go when it closes any
 * descriptor of it, or ends.
 *
 * Few files ever have any: an inode has a pointer, and all else is under the giant lock, where
 * there are several processors (the domain `kernel`).
 */
#ifndef KERNEL_FS_RECORD_LOCK_H
#define KERNEL_FS_RECORD_LOCK_H

#include <stdint.h>
#include "kernel/fs/file.h"

struct file_table;
struct inode;

/* At boot. */
void record_lock_init(void);

/*
 * fcntl() with CASTLE_F_GETLK, _SETLK or _SETLKW on an open file, for the process `pid` with these
 * descriptors; `lock` is the address of a struct castle_record_lock. 0; -EAGAIN for a lock of
 * another process's, -EBADF, -EINVAL, -EFAULT, -ENOLCK; CALL_BLOCKED. Caller holds nothing; may
 * block.
 */
int32_t record_lock_control(struct file *file, const struct file_table *owner, int32_t pid,
			    uint32_t command, user_addr_t lock);

/* The process with these descriptors loses its locks on the file. Caller holds nothing. */
void record_locks_drop(struct inode *inode, const struct file_table *owner);

/* The inode goes. Any context: nobody else sees it. */
void record_locks_free(struct inode *inode);

#endif
