/*
 * Reading a ustar archive (POSIX.1-1988, section 10.1.1; POSIX.1-2017, pax, "ustar Interchange
 * Format"). The archive may be damaged in any way.
 */
#include "kernel/fs/ustar.h"

#include <castle/errno.h>
#include <castle/ustar.h>
#include <stdbool.h>
#include "kernel/fs/inode.h"
#include "kernel/fs/path.h"
#include "kernel/lib/string.h"

#define TYPE_FILE      '0'
#define TYPE_FILE_OLD  '\0'
#define TYPE_DIRECTORY '5'

/* A path of the archive: "/" prefix "/" name, and its NUL. */
#define USTAR_PATH_MAX (1 + 155 + 1 + 100 + 1)

/* Octal digits up to a blank, NUL or the field's end. False for anything else, or above 32 bits. */
static bool parse_octal(const char *field, size_t size, uint32_t *number)
{
	size_t i;

	*number = 0;
	for (i = 0; i < size && field[i] >= '0' && field[i] <= '7'; i++) {
		if (*number >> 29)
			return false;
		*number = *number << 3 | (uint32_t)(field[i] - '0');
	}
	return i > 0 && (i == size || field[i] == ' ' || field[i] == '\0');
}

/* The sum of the header's bytes, the checksum's own counted as blanks. */
static bool header_is_good(const struct castle_ustar_header *header)
{
	const uint8_t *bytes = (const uint8_t *)header;
	uint32_t sum = 0, expected;

	if (memcmp(header->magic, "ustar", 5) != 0 ||
	    !parse_octal(header->checksum, sizeof header->checksum, &expected))
		return false;
	for (unsigned i = 0; i < CASTLE_USTAR_BLOCK; i++)
		sum += bytes[i];
	for (unsigned i = 0; i < sizeof header->checksum; i++)
		sum += ' ' - (uint8_t)header->checksum[i];
	return sum == expected;
}

static size_t field_append(char *path, size_t length, const char *field, size_t size)
{
	for (size_t i = 0; i < size && field[i]; i++)
		path[length++] = field[i];
	return length;
}

static void header_path(const struct castle_ustar_header *header, char path[USTAR_PATH_MAX])
{
	size_t length = 0;

	path[length++] = '/';
	if (header->prefix[0]) {
		length = field_append(path, length, header->prefix, sizeof header->prefix);
		path[length++] = '/';
	}
	length = field_append(path, length, header->name, sizeof header->name);
	path[length] = '\0';
}

/* Makes the directories on the way to the path's last component, where they are missing. */
static int make_parents(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		const int error = path_mkdir(inode_root(), path, 0755);
		*slash = '/';
		if (error && error != -EEXIST)
			return error;
	}
	return 0;
}

static int unpack_file(const char *path, uint32_t mode, const void *data, uint32_t size)
{
	struct inode *inode;
	int result = path_open(inode_root(), path,
			       CASTLE_O_WRONLY | CASTLE_O_CREAT | CASTLE_O_TRUNC, mode, &inode);

	if (result)
		return result;
	result = size > 0 ? inode_write(inode, 0, data, size) : 0;
	inode_release(inode);
	if (result < 0)
		return result;
	return (uint32_t)result == size ? 0 : -ENOMEM;
}

/* Unpacks one member; 1 if it was a file, 0 if something else, or an error. */
static int unpack_member(const struct castle_ustar_header *header, const void *data, uint32_t size)
{
	char path[USTAR_PATH_MAX + PATH_SLACK];
	uint32_t mode;
	int error;

	if (!parse_octal(header->mode, sizeof header->mode, &mode))
		return -EINVAL;
	header_path(header, path);
	error = make_parents(path);
	if (error)
		return error;
	if (header->type == TYPE_DIRECTORY) {
		error = path_mkdir(inode_root(), path, mode);
		return error == -EEXIST ? 0 : error;
	}
	if (header->type != TYPE_FILE && header->type != TYPE_FILE_OLD)
		return 0;
	error = unpack_file(path, mode, data, size);
	return error ? error : 1;
}

int ustar_unpack(const void *archive, uint32_t size)
{
	const uint8_t *at = archive;
	uint32_t left = size, file_size;
	int files = 0, result;

	/* A block of zeros ends the archive; so does its end, for those who leave that out. */
	while (left >= CASTLE_USTAR_BLOCK && *at) {
		const struct castle_ustar_header *header = (const void *)at;
		if (!header_is_good(header) ||
		    !parse_octal(header->size, sizeof header->size, &file_size))
			return -EINVAL;
		at += CASTLE_USTAR_BLOCK;
		left -= CASTLE_USTAR_BLOCK;
		if (file_size > left)
			return -EINVAL;
		result = unpack_member(header, at, file_size);
		if (result == -ENOSPC || result == -ENOMEM)
			return -ENOMEM;
		if (result < 0)
			return -EINVAL;
		files += result;
		file_size = (file_size + CASTLE_USTAR_BLOCK - 1) & ~(CASTLE_USTAR_BLOCK - 1);
		if (file_size > left)
			break;
		at += file_size;
		left -= file_size;
	}
	return files;
}
