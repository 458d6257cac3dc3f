/*
 * Directory streams over getdents().
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "result.h"

struct __castle_directory {
	int fd;
	size_t filled; /* bytes of `entries` that hold entries */
	size_t next;   /* offset of the next one */
	struct dirent current;
	char entries[1024] __attribute__((aligned(4)));
};

DIR *fdopendir(int fd)
{
	struct stat file;
	DIR *directory;

	if (fstat(fd, &file))
		return NULL;
	if (!S_ISDIR(file.st_mode)) {
		errno = ENOTDIR;
		return NULL;
	}
	directory = malloc(sizeof(*directory));
	if (!directory)
		return NULL;
	directory->fd = fd;
	directory->filled = directory->next = 0;
	return directory;
}

DIR *opendir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory;

	if (fd < 0)
		return NULL;
	directory = fdopendir(fd);
	if (!directory)
		close(fd);
	return directory;
}

/* Refills the buffer; 0 at the end of the directory or on an error, which is in errno. */
static int fill(DIR *directory)
{
	int filled =
		result_of(castle_call3(CASTLE_CALL_getdents, directory->fd,
				       address(directory->entries), sizeof(directory->entries)));

	directory->next = 0;
	directory->filled = filled > 0 ? filled : 0;
	return filled > 0;
}

struct dirent *readdir(DIR *directory)
{
	struct dirent *current = &directory->current;
	const struct castle_dirent *entry;

	if (directory->next >= directory->filled && !fill(directory))
		return NULL;
	entry = (const void *)(directory->entries + directory->next);
	directory->next += entry->length;
	current->d_ino = entry->inode;
	current->d_type = entry->type;
	strlcpy(current->d_name, entry->name, sizeof(current->d_name));
	return current;
}

void rewinddir(DIR *directory)
{
	lseek(directory->fd, 0, SEEK_SET);
	directory->filled = directory->next = 0;
}

int dirfd(DIR *directory)
{
	return directory->fd;
}

int closedir(DIR *directory)
{
	int fd = directory->fd;

	free(directory);
	return close(fd);
}
