/*
 * How many containers own each page that is, or was, shared.
 */
#include "kernel/mem/page_share.h"

#include "arch/ia32/cpulocal.h"
#include "arch/ia32/reference.h"
#include "kernel/lib/assert.h"
#include "kernel/lock/domain.h"
#include "kernel/lock/lock.h"
#include "kernel/mem/page.h"
#include "kernel/mem/reclaim.h"

static uintptr_t first_page SET_AT_BOOT;
static int32_t *owners UNGUARDED("changed by counting references alone, with an owner held");

size_t page_share_size(uintptr_t start, uintptr_t end)
{
	return ((end - start) >> PAGE_SHIFT) * sizeof *owners;
}

void page_share_init(uintptr_t start, void *counts)
{
	first_page = start;
	owners = counts;
}

/*
 * Claims less those given up, on this processor: another one may have made them, so what counts is
 * the sum of all.
 */
static CPU_LOCAL uint32_t claims;

void page_share_unclaim(uint32_t count)
{
	claims -= count;
}

static int32_t *owners_of(const void *page)
{
	return &owners[((uintptr_t)page - first_page) >> PAGE_SHIFT];
}

void page_share_begin(const void *page)
{
	*owners_of(page) = 1;
}

void page_share_common(const void *page)
{
	assert(*owners_of(page) > 0);
	reference_take(owners_of(page));
}

bool page_share_end(const void *page)
{
	assert(*owners_of(page) > 0);
	return reference_drop(owners_of(page));
}

bool page_share_is_alone(const void *page)
{
	return __atomic_load_n(owners_of(page), __ATOMIC_ACQUIRE) == 1;
}

void page_share_first(const void *page)
{
	assert_held(container);
	*owners_of(page) = 2;
}

void page_share(const void *page)
{
	assert_held(container);
	assert(*owners_of(page) > 0);
	reference_take(owners_of(page));
}

bool page_share_is_last(const void *page)
{
	assert_held(container);
	return __atomic_load_n(owners_of(page), __ATOMIC_ACQUIRE) == 1;
}

bool page_share_drop(const void *page)
{
	assert(*owners_of(page) > 0);
	if (reference_drop(owners_of(page)))
		return true;
	claims--;
	return false;
}

uint32_t page_share_claims(void)
{
	uint32_t sum = 0;

	assert_held(pages);
	for (uint32_t cpu = 0; cpu < cpu_count; cpu++)
		sum += *CPU_LOCAL_OF(cpu, claims);
	return sum;
}

/* Under the pages' lock, so that none of those free now is taken between looking and claiming. */
static bool claim(uint32_t count)
{
	bool possible;

	lock_acquire(pages, &pages_lock);
	claims += count;
	possible = page_keep_is_possible();
	if (!possible)
		claims -= count;
	lock_release(pages, &pages_lock);
	return possible;
}

bool page_share_claim(uint32_t count)
{
	/*
	 * What processors keep ready for themselves is not counted before it has been given back.
	 */
	return count == 0 || claim(count) || (memory_reclaim() > 0 && claim(count));
}
