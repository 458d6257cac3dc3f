/*
 * A process's descriptors. The first few live in the process itself; a larger table is allocated
 * when a higher descriptor is used.
 */
#ifndef KERNEL_FS_FILE_TABLE_H
#define KERNEL_FS_FILE_TABLE_H

#include <stdbool.h>
#include <stdint.h>
#include <castle/abi.h>
#include "kernel/fs/file.h"

#define FILE_TABLE_INLINE 8

struct inode;

struct file_table {
	struct file **files; /* `size` of them: inline_files or allocated */
	uint32_t size;
	uint32_t cloexec[CASTLE_OPEN_MAX / 32]; /* a bit a descriptor */
	struct file *inline_files[FILE_TABLE_INLINE];
};

/* An empty table, from memory that is all zeros. */
void file_table_init(struct file_table *table);

/* The file behind a descriptor, without a reference of its own; NULL if it is not open. */
static inline struct file *file_table_get(const struct file_table *table, int fd)
{
	return (uint32_t)fd < table->size ? table->files[fd] : NULL;
}

/*
 * Puts `file` at the lowest free descriptor from `minimum` up. The descriptor, -EMFILE or -ENOMEM.
 */
int file_table_add(struct file_table *table, struct file *file, int minimum, bool cloexec);

/*
 * Puts `file` at `fd`, closing what was there. `fd`, -EBADF or -ENOMEM. Takes the reference given.
 */
int file_table_set(struct file_table *table, int fd, struct file *file, bool cloexec);

/* 0 or -EBADF. */
int file_table_close(struct file_table *table, int fd);

/* The close-on-exec flag of an open descriptor. */
bool file_table_cloexec(const struct file_table *table, int fd);
void file_table_set_cloexec(struct file_table *table, int fd, bool cloexec);

/* dup2(): `new_fd` refers to what `fd` does. `new_fd`, -EBADF or -ENOMEM. */
int file_table_dup2(struct file_table *table, int fd, int new_fd);

/* open() to a given descriptor, on spawn. `fd`, or the errors of open(). */
int file_table_open_at(struct file_table *table, struct inode *directory, int fd, user_addr_t path,
		       uint32_t flags, uint32_t mode);

/* An equal table with references of its own; with `skip_cloexec`, what spawn passes on. 0 or
 * -ENOMEM. */
int file_table_copy(struct file_table *to, const struct file_table *from, bool skip_cloexec);

void file_table_close_cloexec(struct file_table *table); /* on exec */
void file_table_close_all(struct file_table *table);

#endif
