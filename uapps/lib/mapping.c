/*
 * mmap() without the kernel: memory above the break, page by page. What was given back is kept in a
 * list by address, whose elements lie in that memory, and is looked through first. newlib's heap
 * lives with gaps in what sbrk() gives it.
 */
#include <malloc.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
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

/* The errno value with which these arguments are refused, or 0. */
static int refusal(size_t size, int flags, off_t offset)
{
	if (!size || offset % PAGE_BYTES)
		return EINVAL;
	if (flags & MAP_FIXED || whole_pages(size) < size)
		return ENOMEM;
	if ((flags & (MAP_SHARED | MAP_PRIVATE)) != MAP_PRIVATE)
		return flags & MAP_SHARED ? ENOTSUP : EINVAL;
	return 0;
}

void *mmap(void *hint, size_t size, int protection, int flags, int fd, off_t offset)
{
	int error = refusal(size, flags, offset);
	void *memory;

	(void)hint, (void)protection;
	if (error) {
		errno = error;
		return MAP_FAILED;
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
