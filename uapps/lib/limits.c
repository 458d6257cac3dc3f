/*
 * What a program can ask about the system it runs on.
 */
#include <limits.h>
#include <sys/resource.h>
#include <sys/stat.h>
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
		return getdtablesize();
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

/* The same for all files: there is one file system. */
static long limit_of_files(int name)
{
	switch (name) {
	case _PC_PATH_MAX:
		return PATH_MAX;
	case _PC_NAME_MAX:
		return NAME_MAX;
	case _PC_PIPE_BUF:
		return PIPE_BUF;
	case _PC_NO_TRUNC:
		return 1;
	case _PC_CHOWN_RESTRICTED:
	case _PC_LINK_MAX:
		return -1; /* no limit; errno stays */
	default:
		return failure(EINVAL);
	}
}

long pathconf(const char *path, int name)
{
	struct stat file;

	return stat(path, &file) ? -1 : limit_of_files(name);
}

long fpathconf(int fd, int name)
{
	struct stat file;

	return fstat(fd, &file) ? -1 : limit_of_files(name);
}

int getpagesize(void)
{
	return PAGE_BYTES;
}

int getdtablesize(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_NOFILE, &limit) ? CASTLE_OPEN_MAX : (int)limit.rlim_cur;
}
