/*
 * The environment that the kernel's parts find on the host.
 */
#include "tests/host/support.h"

#include <castle/abi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernel/fs/record_lock.h"
#include "kernel/debug/panic.h"
#include "kernel/dev/driver.h"
#include "kernel/organisation/organisation.h"
#include "kernel/lib/assert.h"
#include "kernel/mem/page.h"
#include "kernel/mem/reclaim.h"
#include "kernel/mem/slab.h"
#include "kernel/mem/user_copy.h"
#include "kernel/time/clock.h"

/* castle/errno.h's, which the host's own header would hide. */
#define HOST_EFAULT       14
#define HOST_ENAMETOOLONG 91

static unsigned allocations_left;
static int failing, failed;
static char *bad_start;
static size_t bad_size;

void *__real_page_alloc(void);
void *__real_page_alloc_zeroed(void);
void *__wrap_page_alloc(void);
void *__real_page_take(void);
void *__wrap_page_take(void);
void *__wrap_page_alloc_zeroed(void);

static int allocation_fails(void)
{
	if (!failing || --allocations_left > 0)
		return 0;
	failing = 0;
	failed = 1;
	return 1;
}

void *__wrap_page_alloc(void)
{
	void *page = allocation_fails() ? NULL : __real_page_alloc();

	/* Nobody may rely on what a page holds. */
	if (page)
		memset(page, 0xa5, PAGE_SIZE);
	return page;
}

void *__wrap_page_take(void)
{
	return allocation_fails() ? NULL : __real_page_take();
}

/* A failure that a test has asked for is one, whatever could be got back. */
__attribute__((weak)) size_t memory_reclaim(void)
{
	return failed ? 0 : slab_reclaim();
}

void *__wrap_page_alloc_zeroed(void)
{
	return allocation_fails() ? NULL : __real_page_alloc_zeroed();
}

/* No drivers, unless a test has its own. */
/* Only the test of the command line has organisations. */
__attribute__((weak)) const struct organisation *organisation_at(uint32_t index)
{
	(void)index;
	return NULL;
}

__attribute__((weak)) const struct driver *driver_at(uint32_t index)
{
	(void)index;
	return NULL;
}

void memory_fail_at(unsigned n)
{
	allocations_left = n;
	failing = n > 0;
	failed = 0;
}

int memory_has_failed(void)
{
	return failed;
}

void memory_start(size_t pages)
{
	const size_t size = pages * PAGE_SIZE;
	char *memory = aligned_alloc(PAGE_SIZE << PAGE_ORDER_MAX, size);
	const uintptr_t start = (uintptr_t)memory;

	page_init(start, start + size, malloc(page_map_size(start, start + size)));
	page_add_range(start, start + size);
	kmem_init();
	memory_fail_at(0);
}

void memory_check_free(size_t expected)
{
	slab_reclaim();
	ck_assert_uint_eq(page_count_free(), expected);
}

void user_memory_bad(void *start, size_t size)
{
	bad_start = start;
	bad_size = size;
}

static int is_bad(user_addr_t address, size_t size)
{
	const char *start = (const char *)address;

	return bad_start && start < bad_start + bad_size && bad_start < start + size;
}

int copy_from_user(void *to, user_addr_t from, size_t size)
{
	if (is_bad(from, size))
		return -HOST_EFAULT;
	memcpy(to, (const void *)from, size);
	return 0;
}

int copy_to_user(user_addr_t to, const void *from, size_t size)
{
	if (is_bad(to, size))
		return -HOST_EFAULT;
	memcpy((void *)to, from, size);
	return 0;
}

int copy_string_from_user(char *to, user_addr_t from, size_t size)
{
	const size_t length = strnlen((const char *)from, size);

	if (is_bad(from, length))
		return -HOST_EFAULT;
	if (length == size)
		return -HOST_ENAMETOOLONG;
	strcpy(to, (const char *)from);
	return length;
}

void time_now_coarse(struct castle_timespec *time)
{
	static uint32_t seconds = 1000;
	*time = (struct castle_timespec){ .seconds = ++seconds };
}

void kernel_assert_failed(const char *condition, const char *file, int line)
{
	fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, condition);
	abort();
}

void panic(const char *format, ...)
{
	fprintf(stderr, "panic: %s\n", format);
	abort();
}

/* No thread runs here, whose process could have limits. */
void *current_thread;

/* No file has locks here. */
void record_locks_drop(struct inode *inode, const struct file_table *owner)
{
	(void)inode, (void)owner;
}

void record_locks_free(struct inode *inode)
{
	(void)inode;
}
