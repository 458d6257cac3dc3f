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
#include "stat_convert.h"

/* For some eighty names of usual length, while the whole of a stream is less than a page. */
#define ENTRIES_SIZE 3584

struct __castle_directory {
	int fd;
	size_t filled;                    /* bytes of `entries` that hold entries */
	size_t next;                      /* offset of the next one */
	int at_end;                       /* the kernel has said that there are no more */
	const struct castle_dirent *last; /* that was handed out */
	struct dirent current;
	char entries[ENTRIES_SIZE] __attribute__((aligned(4)));
};

static DIR *stream_of(int fd)
{
	DIR *directory = malloc(sizeof(*directory));

	if (directory) {
		directory->fd = fd;
		directory->filled = directory->next = directory->at_end = 0;
		directory->last = NULL;
	}
	return directory;
}

DIR *fdopendir(int fd)
{
	struct stat file;

	if (fstat(fd, &file))
		return NULL;
	if (!S_ISDIR(file.st_mode)) {
		errno = ENOTDIR;
		return NULL;
	}
	return stream_of(fd);
}

DIR *opendir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory;

	if (fd < 0)
		return NULL;
	directory = stream_of(fd);
	if (!directory)
		close(fd);
	return directory;
}

/* Refills the buffer; 0 at the end of the directory or on an error, which is in errno. */
static int fill(DIR *directory)
{
	int filled;

	if (directory->at_end)
		return 0;
	filled = result_of(castle_call3(CASTLE_CALL_getdents, directory->fd,
					address(directory->entries), sizeof(directory->entries)));
	directory->next = 0;
	directory->filled = filled > 0 ? filled : 0;
	directory->at_end = filled >= 0 && ENTRIES_SIZE - filled >= (int)CASTLE_DIRENT_MAX;
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
	directory->last = entry;
	current->d_ino = entry->status.inode;
	current->d_type = IFTODT(entry->status.mode);
	memcpy(current->d_name, entry->name, entry->length - sizeof(*entry));
	return current;
}

int castle_readdir_stat(DIR *directory, struct stat *status)
{
	if (!directory->last)
		return failure(EINVAL);
	stat_convert(status, &directory->last->status);
	return 0;
}

void rewinddir(DIR *directory)
{
	lseek(directory->fd, 0, SEEK_SET);
	directory->filled = directory->next = directory->at_end = 0;
	directory->last = NULL;
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
