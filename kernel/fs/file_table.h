/*
 * A process's descriptors. The first few live in the process itself; a larger table is allocated
 * when a higher descriptor is used.
 *
 * A table is under `descriptors`: each function takes that for as long as it looks at the table,
 * and releases files, which runs what they stand for, only when it has given it back.
 *
 * Contract of all functions here: Caller holds nothing; frees the files released.
 */
#ifndef KERNEL_FS_FILE_TABLE_H
#define KERNEL_FS_FILE_TABLE_H

#include <stdbool.h>
#include <stdint.h>
#include <castle/abi.h>
#include "kernel/fs/file.h"
#include "kernel/lock/lock.h"

#define FILE_TABLE_INLINE 8

struct inode;

struct file_table {
	struct file **files; /* `size` of them: inline_files or allocated; each with a reference */
	uint32_t size;
	uint32_t lowest;                        /* no descriptor below is free */
	uint32_t most;                          /* that the process may have (RLIMIT_NOFILE) */
	uint32_t cloexec[CASTLE_OPEN_MAX / 32]; /* a bit a descriptor */
	struct file *inline_files[FILE_TABLE_INLINE];
	bool shared; /* the process has several threads, or had them: set before the second one */
	LOCK_MEMBER(lock);
};

/*
 * Takes descriptors, unless the table is the current thread's alone: it makes the second one
 * itself, outside. Caller holds nothing.
 */
static inline __attribute__((always_inline)) void file_table_lock(struct file_table *table)
{
	lock_acquire_if(descriptors, &table->lock, table->shared);
}

/* Caller holds descriptors, by the function above. */
static inline __attribute__((always_inline)) void file_table_unlock(struct file_table *table)
{
	lock_release_if(descriptors, &table->lock, table->shared);
}

/* Any context. True if descriptors must be held for it: always where tables have no lock. */
static inline bool file_table_is_shared(const struct file_table *table)
{
	return table->shared || !lock_is_used(LOCK_BIT(descriptors));
}

/* An empty table, from memory that is all zeros. Any context. */
void file_table_init(struct file_table *table);

/* The same for a caller that needs no lock, or has it. Caller holds descriptors. */
static inline struct file *file_table_look(const struct file_table *table, int fd)
{
	struct file *file = NULL;

	assert_held_if(descriptors, file_table_is_shared(table));
	if ((uint32_t)fd < table->size && (file = table->files[fd]))
		file_reference(file);
	return file;
}

/*
 * The file behind a descriptor, with a reference for the caller, so that a close() by another
 * thread does not free it; NULL if it is not open.
 */
static inline struct file *file_table_get(struct file_table *table, int fd)
{
	struct file *file;

	file_table_lock(table);
	file = file_table_look(table, fd);
	file_table_unlock(table);
	return file;
}

/*
 * Sees to it that file_table_add() finds a descriptor and memory for it, unless another thread is
 * quicker: before what could not be taken back. A number from which on to look for the
 * lowest free one, -EMFILE or -ENOMEM.
 */
int file_table_make_room(struct file_table *table);

/*
 * Puts `file`, with the caller's reference, at the lowest free descriptor from `minimum` up. The
 * descriptor; or -EMFILE, -ENOMEM, and the reference is still the caller's.
 */
int file_table_add(struct file_table *table, struct file *file, int minimum, bool cloexec);

/*
 * Puts `file`, with the caller's reference, at `fd`, closing what was there. `fd`; or -EBADF,
 * -ENOMEM, and the reference is still the caller's.
 */
int file_table_set(struct file_table *table, int fd, struct file *file, bool cloexec);

/* 0 or -EBADF. */
int file_table_close(struct file_table *table, int fd);

/* The close-on-exec flag of a descriptor: 0 or 1, or -EBADF. */
int file_table_cloexec(struct file_table *table, int fd);

/* 0 or -EBADF. */
int file_table_set_cloexec(struct file_table *table, int fd, bool cloexec);

/* dup2(): `new_fd` refers to what `fd` does. `new_fd`, -EBADF or -ENOMEM. */
int file_table_dup2(struct file_table *table, int fd, int new_fd);

/*
 * open() to a given descriptor, on spawn. The caller has a reference to `directory`. `fd`, or the
 * errors of open().
 */
int file_table_open_at(struct file_table *table, struct inode *directory, int fd, user_addr_t path,
		       uint32_t flags, uint32_t mode);

/*
 * An equal table, where `to` is a new process's and empty, with references of its own; with
 * `skip_cloexec`, what spawn passes on. 0 or -ENOMEM.
 */
int file_table_copy(struct file_table *to, struct file_table *from, bool skip_cloexec);

/* On exec. */
void file_table_close_cloexec(struct file_table *table);

/* On the process's end: nobody else sees the table any more. */
void file_table_close_all(struct file_table *table);

#endif
