/*
 * What programs have of Castle: memory from the heap, for there is no mmap. So the runtime takes
 * memory inside instrumented functions, but never inside the heap's own, which are the library's.
 */
#include "thread.h"

#include <errno.h>
#include <malloc.h>
#include <string.h>

enum { PAGE = 4096 };

static void *zeroed(size_t alignment, size_t size)
{
	int saved = errno;
	void *memory = memalign(alignment, size);

	errno = saved;
	return memory ? memset(memory, 0, size) : NULL;
}

void *lopi_pages_get(size_t size)
{
	return zeroed(PAGE, size);
}

void lopi_pages_put(void *pages, size_t size)
{
	(void)size;
	free(pages);
}

void *lopi_block_get(size_t size)
{
	return zeroed(size, size);
}

/* There are no locks on files. */
int lopi_results_claim(const char *path)
{
	(void)path;
	return 1;
}

void lopi_results_disclaim(void)
{
}

/* All threads come from the library, by instrumented objects. */
lopi_creator *lopi_creator_of_system(void)
{
	return pthread_create;
}

/* Who ends a program by a signal has no interest in its results. */
void lopi_expect_end(void)
{
}
