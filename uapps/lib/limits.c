/*
 * What a program can ask about the system it runs on.
 */
#include <time.h>
#include <unistd.h>
#include "result.h"

#define PAGE_BYTES 4096

long sysconf(int name)
{
	struct castle_memory_info memory;

	switch (name) {
	case _SC_PAGESIZE:
		return PAGE_BYTES;
	case _SC_OPEN_MAX:
		return CASTLE_OPEN_MAX;
	case _SC_ARG_MAX:
		return CASTLE_ARG_MAX;
	case _SC_CLK_TCK:
		return CLOCKS_PER_SEC;
	case _SC_NPROCESSORS_CONF:
	case _SC_NPROCESSORS_ONLN:
		return castle_program_cpus();
	case _SC_PHYS_PAGES:
		return castle_info(CASTLE_INFO_MEMORY, &memory, sizeof(memory)) < 0
			       ? -1
			       : (long)memory.total_pages;
	default:
		return failure(EINVAL);
	}
}

int getpagesize(void)
{
	return PAGE_BYTES;
}

int getdtablesize(void)
{
	return CASTLE_OPEN_MAX;
}
