/*
 * Descriptor tables.
 */
#include "kernel/fs/file_table.h"

#include <castle/errno.h>
#include "kernel/fs/inode.h"
#include "kernel/fs/open.h"
#include "kernel/fs/path.h"
#include "kernel/fs/record_lock.h"
#include "kernel/lib/string.h"
#include "kernel/lock/domain.h"
#include "kernel/lock/lock.h"
#include "kernel/mem/slab.h"

/* A descriptor's reference goes, and with it the locks that the process has on the file. */
static inline __attribute__((always_inline)) void let_go(struct file_table *table,
							 struct file *file)
{
	if (file->inode && __builtin_expect(file->inode->locks != NULL, false))
		record_locks_drop(file->inode, table);
	file_release(file);
}

void file_table_init(struct file_table *table)
{
	table->files = table->inline_files;
	table->size = FILE_TABLE_INLINE;
	table->lowest = 0;
	table->most = CASTLE_OPEN_MAX;
}

/* Caller holds descriptors, as of all functions here that work on the table itself. */
static bool is_open(const struct file_table *table, int fd)
{
	assert_held_if(descriptors, file_table_is_shared(table));
	return (uint32_t)fd < table->size && table->files[fd];
}

static void cloexec_set(struct file_table *table, int fd, bool cloexec)
{
	const uint32_t bit = 1u << fd % 32;

	assert_held_if(descriptors, file_table_is_shared(table));
	if (cloexec)
		table->cloexec[fd / 32] |= bit;
	else
		table->cloexec[fd / 32] &= ~bit;
}

static inline bool cloexec_bit(const struct file_table *table, int fd)
{
	return table->cloexec[fd / 32] & 1u << fd % 32;
}

static bool cloexec_is_set(const struct file_table *table, int fd)
{
	assert_held_if(descriptors, file_table_is_shared(table));
	return cloexec_bit(table, fd);
}

int file_table_set_cloexec(struct file_table *table, int fd, bool cloexec)
{
	bool open;

	file_table_lock(table);
	open = is_open(table, fd);
	if (open)
		cloexec_set(table, fd, cloexec);
	file_table_unlock(table);
	return open ? 0 : -EBADF;
}

int file_table_cloexec(struct file_table *table, int fd)
{
	int set;

	file_table_lock(table);
	set = is_open(table, fd) ? cloexec_is_set(table, fd) : -EBADF;
	file_table_unlock(table);
	return set;
}

static void files_free(struct file_table *table)
{
	if (table->files != table->inline_files)
		kmem_free(table->files, table->size * sizeof *table->files);
}

/* Makes room for descriptor `fd`. 0 or -ENOMEM. */
static int file_table_grow(struct file_table *table, uint32_t fd)
{
	uint32_t size = table->size;
	struct file **files;

	assert_held_if(descriptors, file_table_is_shared(table));
	if (fd < size)
		return 0;
	while (size <= fd)
		size *= 2;
	files = kmem_alloc(size * sizeof *files);
	if (!files)
		return -ENOMEM;
	memcpy(files, table->files, table->size * sizeof *files);
	memset(files + table->size, 0, (size - table->size) * sizeof *files);
	files_free(table);
	table->files = files;
	table->size = size;
	return 0;
}

/*
 * The lowest free descriptor from `minimum` up, for which there is room then; -EMFILE or -ENOMEM.
 */
static inline __attribute__((always_inline)) int descriptor_find(struct file_table *table,
								 uint32_t minimum)
{
	uint32_t fd = minimum > table->lowest ? minimum : table->lowest;

	assert_held_if(descriptors, file_table_is_shared(table));
	while (fd < table->size && table->files[fd])
		fd++;
	if (minimum <= table->lowest)
		table->lowest = fd;
	if (fd >= table->most)
		return -EMFILE;
	if (fd >= table->size && file_table_grow(table, fd) != 0)
		return -ENOMEM;
	return fd;
}

/* Mostly the table's last descriptor is free, and says that there is one. */
int file_table_make_room(struct file_table *table)
{
	int fd = 0;

	file_table_lock(table);
	if (table->files[table->size - 1])
		fd = descriptor_find(table, 0);
	file_table_unlock(table);
	return fd;
}

static inline __attribute__((always_inline)) int add(struct file_table *table, struct file *file,
						     int minimum, bool cloexec)
{
	const int fd = descriptor_find(table, minimum);

	if (fd < 0)
		return fd;
	table->files[fd] = file;
	cloexec_set(table, fd, cloexec);
	return fd;
}

LOCK_REPLACED int file_table_add(struct file_table *table, struct file *file, int minimum,
				 bool cloexec)
{
	return add(table, file, minimum, cloexec);
}

/* Puts `file` at `fd`; what was there, or NULL, in *old, for the caller to release. */
static int replace(struct file_table *table, int fd, struct file *file, bool cloexec,
		   struct file **old)
{
	if (file_table_grow(table, fd) != 0)
		return -ENOMEM;
	*old = table->files[fd];
	table->files[fd] = file;
	cloexec_set(table, fd, cloexec);
	return fd;
}

int file_table_set(struct file_table *table, int fd, struct file *file, bool cloexec)
{
	struct file *old = NULL;

	if (fd < 0 || (uint32_t)fd >= table->most)
		return -EBADF;
	file_table_lock(table);
	fd = replace(table, fd, file, cloexec, &old);
	file_table_unlock(table);
	if (old)
		let_go(table, old);
	return fd;
}

/* The file at `fd`, which is free then; NULL if it was. */
static inline struct file *take(struct file_table *table, int fd)
{
	struct file *file;

	if (!is_open(table, fd))
		return NULL;
	file = table->files[fd];
	table->files[fd] = NULL;
	if ((uint32_t)fd < table->lowest)
		table->lowest = fd;
	return file;
}

LOCK_REPLACED int file_table_close(struct file_table *table, int fd)
{
	struct file *file;

	file = take(table, fd);
	if (!file)
		return -EBADF;
	let_go(table, file);
	return 0;
}

#ifdef CASTLE_SMP
static int add_locked(struct file_table *table, struct file *file, int minimum, bool cloexec)
{
	return lock_around_if(descriptors, &table->lock, table->shared,
			      add(table, file, minimum, cloexec));
}

static int close_locked(struct file_table *table, int fd)
{
	struct file *file =
		lock_around_if(descriptors, &table->lock, table->shared, take(table, fd));

	if (!file)
		return -EBADF;
	let_go(table, file);
	return 0;
}

LOCK_FUNCTION(file_table_add, add_locked, descriptors);
LOCK_FUNCTION(file_table_close, close_locked, descriptors);
#endif

int file_table_dup2(struct file_table *table, int fd, int new_fd)
{
	struct file *file = file_table_get(table, fd);
	int result = new_fd;

	if (!file)
		return -EBADF;
	if (fd != new_fd)
		result = file_table_set(table, new_fd, file, false);
	if (result < 0 || fd == new_fd)
		file_release(file);
	return result;
}

/* Sees to it that `fd` can be used. 0, -EBADF or -ENOMEM. */
static int file_table_reach(struct file_table *table, int fd)
{
	int error;

	if (fd < 0 || (uint32_t)fd >= table->most)
		return -EBADF;
	file_table_lock(table);
	error = file_table_grow(table, fd);
	file_table_unlock(table);
	return error;
}

int file_table_open_at(struct file_table *table, struct inode *directory, int fd, user_addr_t path,
		       uint32_t flags, uint32_t mode)
{
	char name[PATH_BUFFER];
	struct file *file;
	int result = copy_string_from_user(name, path, CASTLE_PATH_MAX);

	/* First, since a file that has been created or made empty stays so. */
	if (result >= 0)
		result = file_table_reach(table, fd);
	if (result >= 0)
		result = file_open(directory, name, flags, mode, &file);
	if (result < 0)
		return result;
	result = file_table_set(table, fd, file, flags & CASTLE_O_CLOEXEC);
	if (result < 0)
		file_release(file);
	return result;
}

/* Caller holds descriptors: of `from`, and nobody else knows `to`. */
static inline __attribute__((always_inline)) int
copy(struct file_table *to, const struct file_table *from, bool skip_cloexec)
{
	uint32_t used = from->size;

	while (used > 0 && !from->files[used - 1])
		used--;
	if (used > 0 && file_table_grow(to, used - 1) != 0)
		return -ENOMEM;
	for (uint32_t fd = 0; fd < used; fd++) {
		struct file *file = from->files[fd];
		if (!file || (skip_cloexec && cloexec_is_set(from, fd)))
			continue;
		to->files[fd] = file_reference(file);
	}
	if (!skip_cloexec)
		memcpy(to->cloexec, from->cloexec, sizeof to->cloexec);
	return 0;
}

int file_table_copy(struct file_table *to, struct file_table *from, bool skip_cloexec)
{
	int error;

	file_table_lock(from);
	error = copy(to, from, skip_cloexec);
	file_table_unlock(from);
	return error;
}

void file_table_close_cloexec(struct file_table *table)
{
	for (uint32_t fd = 0; fd < table->size; fd++)
		if (cloexec_bit(table, fd))
			file_table_close(table, fd);
}

void file_table_close_all(struct file_table *table)
{
	for (uint32_t fd = 0; fd < table->size; fd++) {
		struct file *file = table->files[fd];
		if (file) {
			table->files[fd] = NULL;
			let_go(table, file);
		}
	}
	files_free(table);
	file_table_init(table);
}
