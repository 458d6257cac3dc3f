/*
 * Descriptor tables.
 */
#include "kernel/fs/file_table.h"

#include <castle/errno.h>
#include "kernel/fs/inode.h"
#include "kernel/fs/open.h"
#include "kernel/lib/string.h"
#include "kernel/lock/domain.h"
#include "kernel/mem/slab.h"

void file_table_init(struct file_table *table)
{
	table->files = table->inline_files;
	table->size = FILE_TABLE_INLINE;
}

/* Caller holds descriptors, as of all functions here that work on the table itself. */
static bool is_open(const struct file_table *table, int fd)
{
	assert_held(descriptors);
	return (uint32_t)fd < table->size && table->files[fd];
}

static void cloexec_set(struct file_table *table, int fd, bool cloexec)
{
	const uint32_t bit = 1u << fd % 32;

	assert_held(descriptors);
	if (cloexec)
		table->cloexec[fd / 32] |= bit;
	else
		table->cloexec[fd / 32] &= ~bit;
}

static bool cloexec_is_set(const struct file_table *table, int fd)
{
	assert_held(descriptors);
	return table->cloexec[fd / 32] & 1u << fd % 32;
}

int file_table_set_cloexec(struct file_table *table, int fd, bool cloexec)
{
	if (!is_open(table, fd))
		return -EBADF;
	cloexec_set(table, fd, cloexec);
	return 0;
}

int file_table_cloexec(const struct file_table *table, int fd)
{
	return is_open(table, fd) ? cloexec_is_set(table, fd) : -EBADF;
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

	assert_held(descriptors);
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
static inline int descriptor_find(struct file_table *table, uint32_t minimum)
{
	uint32_t fd = minimum;

	assert_held(descriptors);
	while (fd < table->size && table->files[fd])
		fd++;
	if (fd >= CASTLE_OPEN_MAX)
		return -EMFILE;
	return file_table_grow(table, fd) == 0 ? (int)fd : -ENOMEM;
}

int file_table_make_room(struct file_table *table)
{
	const int fd = descriptor_find(table, 0);

	return fd < 0 ? fd : 0;
}

int file_table_add(struct file_table *table, struct file *file, int minimum, bool cloexec)
{
	const int fd = descriptor_find(table, minimum);

	if (fd < 0)
		return fd;
	table->files[fd] = file;
	cloexec_set(table, fd, cloexec);
	return fd;
}

int file_table_set(struct file_table *table, int fd, struct file *file, bool cloexec)
{
	struct file *old;

	if (fd < 0 || fd >= CASTLE_OPEN_MAX)
		return -EBADF;
	if (file_table_grow(table, fd) != 0)
		return -ENOMEM;
	old = table->files[fd];
	table->files[fd] = file;
	cloexec_set(table, fd, cloexec);
	if (old)
		file_release(old);
	return fd;
}

int file_table_close(struct file_table *table, int fd)
{
	struct file *file;

	if (!is_open(table, fd))
		return -EBADF;
	file = table->files[fd];
	table->files[fd] = NULL;
	file_release(file);
	return 0;
}

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

int file_table_open_at(struct file_table *table, struct inode *directory, int fd, user_addr_t path,
		       uint32_t flags, uint32_t mode)
{
	char name[CASTLE_PATH_MAX];
	struct file *file;
	int result = copy_string_from_user(name, path, sizeof name);

	/* First, since a file that has been created or made empty stays so. */
	if (result >= 0 && (uint32_t)fd >= CASTLE_OPEN_MAX)
		result = -EBADF;
	if (result >= 0 && file_table_grow(table, fd) != 0)
		result = -ENOMEM;
	if (result >= 0)
		result = file_open(directory, name, flags, mode, &file);
	if (result < 0)
		return result;
	result = file_table_set(table, fd, file, flags & CASTLE_O_CLOEXEC);
	if (result < 0)
		file_release(file);
	return result;
}

int file_table_copy(struct file_table *to, const struct file_table *from, bool skip_cloexec)
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

void file_table_close_cloexec(struct file_table *table)
{
	for (uint32_t fd = 0; fd < table->size; fd++)
		if (cloexec_is_set(table, fd))
			file_table_close(table, fd);
}

void file_table_close_all(struct file_table *table)
{
	for (uint32_t fd = 0; fd < table->size; fd++) {
		struct file *file = table->files[fd];
		if (file) {
			table->files[fd] = NULL;
			file_release(file);
		}
	}
	files_free(table);
	table->files = table->inline_files;
	table->size = FILE_TABLE_INLINE;
}
