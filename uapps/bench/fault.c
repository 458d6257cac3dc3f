/*
 * fault: the first touch of a page of the heap: the page fault, finding and clearing a page.
 */
#include "common/bench.h"

#include <stddef.h>
#include <unistd.h>

#define PAGES     16
#define PAGE_SIZE 4096

/* Each round touches pages that nobody has touched; there are as many as rounds need. */
static void touch(uint32_t count)
{
	volatile char *page = sbrk(count * PAGE_SIZE);

	bench_check(page != (void *)-1, "sbrk");
	for (; count > 0; count--, page += PAGE_SIZE)
		*page = 1;
}

int main(int argc, char **argv)
{
	bench_start(argc, argv, "fault", "The first touch of a page of the heap.");
	/* From a page boundary on, so that each touch is a fault. */
	bench_check(sbrk(PAGE_SIZE - (uintptr_t)sbrk(0) % PAGE_SIZE) != (void *)-1, "sbrk");
	bench_measure("fresh", PAGES, touch);
	return 0;
}
