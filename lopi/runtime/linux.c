/*
 * What programs have of Linux: memory from mmap.
 */
#include "thread.h"

#include <errno.h>
#include <sys/mman.h>

void *lopi_pages_get(size_t size)
{
	int saved = errno;
	void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	errno = saved;
	return pages == MAP_FAILED ? NULL : pages;
}

void lopi_pages_put(void *pages, size_t size)
{
	munmap(pages, size);
}

/* Cut out of twice as much. */
void *lopi_block_get(size_t size)
{
	char *pages = lopi_pages_get(2 * size);
	size_t before = -(uintptr_t)pages & (size - 1);

	if (!pages)
		return NULL;
	if (before)
		lopi_pages_put(pages, before);
	if (before < size)
		lopi_pages_put(pages + before + size, size - before);
	return pages + before;
}
