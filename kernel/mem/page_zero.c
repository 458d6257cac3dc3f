/*
 * A list of zeroed pages, linked through their first words, which are cleared when a page is taken;
 * and a page of which a part is zeroed so far.
 */
#include "kernel/mem/page_zero.h"

#include <stdint.h>
#include "kernel/debug/fail.h"
#include "kernel/lib/string.h"
#include "kernel/lock/domain.h"
#include "kernel/measure/statistics.h"
#include "kernel/mem/page.h"

#define PIECE 256u /* bytes: some 70 instructions on Bochs */

/* Of all memory, and of what is free, at most this part is made ahead. */
#define PART_OF_MEMORY 16
#define PART_OF_FREE   2

static void **zeroed GUARDED_BY(pages); /* the first of the list */
static size_t zeroed_count GUARDED_BY(pages);
static uint8_t *unfinished GUARDED_BY(pages); /* a page in work, or NULL */
static uint32_t finished_bytes GUARDED_BY(pages);

/*
 * Whether another page is wanted, and there: it is not in use yet, so it is not counted as taken.
 */
static bool page_begin(void)
{
	if (unfinished)
		return true;
	if (zeroed_count >= page_count_total() / PART_OF_MEMORY ||
	    zeroed_count >= page_count_free() / PART_OF_FREE)
		return false;
	unfinished = page_take();
	finished_bytes = 0;
	if (!unfinished)
		return false;
	statistic_taken--;
	return true;
}

static void page_finish(void)
{
	void **page = (void **)unfinished;

	*page = zeroed;
	zeroed = page;
	zeroed_count++;
	unfinished = NULL;
}

bool page_zero_make(void)
{
	if (!page_begin())
		return false;
	memset(unfinished + finished_bytes, 0, PIECE);
	finished_bytes += PIECE;
	if (finished_bytes == PAGE_SIZE)
		page_finish();
	return true;
}

void *page_zero_alloc(void)
{
	void **page = zeroed;

	if (!page) {
		page = page_alloc();
		return page ? memset(page, 0, PAGE_SIZE) : NULL;
	}
	if (fail_allocation())
		return NULL;
	zeroed = *page;
	*page = NULL;
	zeroed_count--;
	statistic_taken++;
	return page;
}

size_t page_zero_reclaim(void)
{
	size_t pages = 0;
	void *page;

	if (unfinished)
		page_finish();
	for (; (page = zeroed); pages++) {
		zeroed = *zeroed;
		statistic_taken++;
		page_free(page);
	}
	zeroed_count = 0;
	return pages;
}

size_t page_zero_count(void)
{
	return zeroed_count + (unfinished != NULL);
}
