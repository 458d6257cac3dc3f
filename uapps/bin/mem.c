/*
 * mem: where the memory is; -v: the kernel's object caches one by one.
 */
#include "common/tool.h"

#include <castle/castle.h>
#include <stdio.h>
#include <string.h>

#define PAGE_KB    4
#define CACHES_MAX 64

static void print_caches(void)
{
	static struct castle_cache_info caches[CACHES_MAX];
	int size = castle_info(CASTLE_INFO_CACHES, caches, sizeof caches);

	if (size > (int)sizeof caches)
		size = sizeof caches;
	puts("CACHE            SIZE  IN USE   PAGES");
	for (int i = 0; i < size / (int)sizeof *caches; i++)
		printf("%-15.15s %5u %7u %7u\n", caches[i].name, (unsigned)caches[i].object_size,
		       (unsigned)caches[i].in_use, (unsigned)caches[i].pages);
}

int main(int argc, char **argv)
{
	struct castle_memory_info memory;
	const int verbose = argc == 2 && strcmp(argv[1], "-v") == 0;

	tool_help("mem", argc, argv);
	if (argc > 1 && !verbose)
		tool_usage("mem [-v]");
	if (castle_info(CASTLE_INFO_MEMORY, &memory, sizeof memory) < 0)
		return tool_error("mem", "memory");
	printf("total    %8u KB in %u pages\n", (unsigned)memory.total_pages * PAGE_KB,
	       (unsigned)memory.total_pages);
	printf("free     %8u KB in %u pages\n", (unsigned)memory.free_pages * PAGE_KB,
	       (unsigned)memory.free_pages);
	printf("objects  %8u KB in kernel object caches\n", (unsigned)memory.slab_pages * PAGE_KB);
	printf("kernel   %8u KB beside that\n", (unsigned)memory.kernel_bytes / 1024);
	printf("packages %8u KB beside that\n", (unsigned)memory.package_bytes / 1024);
	if (verbose)
		print_caches();
	return 0;
}
