/*
 * mmap(): memory above the break, page by page; the kernel is asked for what is shared alone. What
 * was given back is kept in a list by address, whose elements lie in that memory, and is looked
 * through first. newlib's heap lives with gaps in what sbrk() gives it.
 */
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "heap_cache.h"
#include "result.h"

#define PAGE_BYTES 4096u

struct range {
	struct range *next; /* at a higher address, and not adjacent */
	size_t size;
};

static struct range *unused; /* under newlib's lock of the heap, as is the break */

void __malloc_lock(struct _reent *reent);
void __malloc_unlock(struct _reent *reent);

/* Takes the end of the first range that is large enough, which needs no new element; null if there
 * is none. */
static void *take_unused(size_t size)
{
	for (struct range **link = &unused; *link; link = &(*link)->next) {
		struct range *range = *link;

		if (range->size < size)
			continue;
		range->size -= size;
		if (!range->size)
			*link = range->next;
		return (char *)range + range->size;
	}
	return NULL;
}

/* Whole pages from above the break; null if there are none. Those that were never part of the heap
 * are zero, and untouched. */
static void *take_new(size_t size)
{
	const size_t gap = -(uintptr_t)sbrk(0) % PAGE_BYTES;
	char *memory;

	if (size + gap < size || size + gap > PTRDIFF_MAX)
		return NULL;
	memory = sbrk(size + gap);
	return memory == MAP_FAILED ? NULL : memory + gap;
}

/* Fills `memory` with zeros as far as it may have been written to. */
static void clear(char *memory, size_t size, const char *fresh)
{
	if (memory < fresh)
		memset(memory, 0, memory + size <= fresh ? size : (size_t)(fresh - memory));
}

static void *map_zeros(size_t size)
{
	const char *fresh;
	void *memory;

	__malloc_lock(_REENT);
	fresh = heap_fresh();
	memory = take_unused(size);
	if (!memory)
		memory = take_new(size);
	__malloc_unlock(_REENT);
	if (memory)
		clear(memory, size, fresh);
	return memory;
}

/* Copies the file into zeros, as far as it reaches. */
static int copy_file(char *memory, size_t size, int fd, off_t offset)
{
	while (size) {
		const ssize_t part = pread(fd, memory, size, offset);

		if (part <= 0)
			return part;
		memory += part;
		size -= part;
		offset += part;
	}
	return 0;
}

static size_t whole_pages(size_t size)
{
	return (size + PAGE_BYTES - 1) & -PAGE_BYTES;
}

/* What is shared stays mapped while the process lives: nothing else may come to lie there. */
struct shared {
	struct shared *next;
	char *memory;
	size_t size;
};

static struct shared *all_shared; /* under newlib's lock of the heap, too */

static bool is_shared(const void *memory)
{
	for (const struct shared *shared = all_shared; shared; shared = shared->next)
		if ((size_t)((const char *)memory - shared->memory) < shared->size)
			return true;
	return false;
}

/* Where some page is there already the next place is tried. */
#define PLACES 8

/* Finds a place and has it mapped. An errno value; `shared` is in the list unless there was none.
 */
static int map_somewhere(struct castle_map *map, struct shared *shared)
{
	shared->size = map->size;
	shared->memory = take_new(map->size);
	if (!shared->memory) {
		free(shared);
		return ENOMEM;
	}
	shared->next = all_shared;
	all_shared = shared;
	map->address = address(shared->memory);
	return -castle_call1(CASTLE_CALL_map, address(map));
}

/* Of a file, or fresh pages for fd -1; MAP_FAILED with errno. */
static void *map_shared(size_t size, int protection, int fd, off_t offset)
{
	struct castle_map map = { fd, 0, size, offset, (protection & PROT_WRITE) != 0 };
	int error = EINVAL;

	for (int i = 0; error == EINVAL && i < PLACES; i++) {
		struct shared *shared = malloc(sizeof *shared);

		if (!shared)
			return MAP_FAILED;
		__malloc_lock(_REENT);
		error = map_somewhere(&map, shared);
		__malloc_unlock(_REENT);
		if (!error)
			return shared->memory;
	}
	errno = error;
	return MAP_FAILED;
}

/* The errno value with which these arguments are refused, or 0. */
static int refusal(size_t size, int flags, off_t offset)
{
	if (!size || offset % PAGE_BYTES)
		return EINVAL;
	if (flags & MAP_FIXED || whole_pages(size) < size)
		return ENOMEM;
	return !(flags & MAP_SHARED) == !(flags & MAP_PRIVATE) ? EINVAL : 0;
}

/* A file that never changes (EROFS) is the same shared and copied. */
void *mmap(void *hint, size_t size, int protection, int flags, int fd, off_t offset)
{
	int error = refusal(size, flags, offset);
	void *memory;

	(void)hint;

	if (error) {
		errno = error;
		return MAP_FAILED;
	}
	if (flags & MAP_SHARED) {
		memory = map_shared(whole_pages(size), protection, flags & MAP_ANONYMOUS ? -1 : fd,
				    offset);
		if (memory != MAP_FAILED || errno != EROFS)
			return memory;
	}
	memory = map_zeros(whole_pages(size));
	if (!memory) {
		errno = ENOMEM;
		return MAP_FAILED;
	}
	if (flags & MAP_ANONYMOUS || copy_file(memory, size, fd, offset) == 0)
		return memory;
	error = errno;
	munmap(memory, size);
	errno = error;
	return MAP_FAILED;
}

/* Joins a range with the next one if they are adjacent. */
static void join(struct range *range)
{
	struct range *next = range->next;

	if (next && (char *)range + range->size == (char *)next) {
		range->size += next->size;
		range->next = next->next;
	}
}

int munmap(void *memory, size_t size)
{
	struct range *range = memory, **link = &unused, *before = NULL;

	if ((uintptr_t)memory % PAGE_BYTES || !size)
		return failure(EINVAL);
	__malloc_lock(_REENT);
	if (is_shared(memory)) {
		__malloc_unlock(_REENT);
		return 0;
	}
	for (; *link && *link < range; link = &(*link)->next)
		before = *link;
	*range = (struct range){ *link, whole_pages(size) };
	*link = range;
	join(range);
	if (before)
		join(before);
	__malloc_unlock(_REENT);
	return 0;
}

#define SHARED_FOLDER "/dev/shm"

/* The file of a name that has one slash, at its start, or none. 0, or -1 with errno. */
static int shared_path(const char *name, char path[NAME_MAX + sizeof SHARED_FOLDER + 1])
{
	name += *name == '/';
	if (!*name || strchr(name, '/'))
		return failure(EINVAL);
	if (strlen(name) > NAME_MAX)
		return failure(ENAMETOOLONG);
	sprintf(path, SHARED_FOLDER "/%s", name);
	return 0;
}

int shm_open(const char *name, int flags, mode_t mode)
{
	char path[NAME_MAX + sizeof SHARED_FOLDER + 1];

	if (shared_path(name, path) != 0)
		return -1;
	mkdir(SHARED_FOLDER, 01777);
	return open(path, flags | O_NOFOLLOW | O_CLOEXEC, mode);
}

int shm_unlink(const char *name)
{
	char path[NAME_MAX + sizeof SHARED_FOLDER + 1];

	return shared_path(name, path) ? -1 : unlink(path);
}

int mprotect(void *memory, size_t size, int protection)
{
	(void)memory, (void)size;
	return protection == (PROT_READ | PROT_WRITE | PROT_EXEC) ? 0 : failure(ENOTSUP);
}

int msync(void *memory, size_t size, int flags)
{
	(void)size, (void)flags;
	return (uintptr_t)memory % PAGE_BYTES ? failure(EINVAL) : 0;
}

int posix_madvise(void *memory, size_t size, int advice)
{
	(void)memory, (void)size, (void)advice;
	return 0;
}
