/*
 * What programs have of Linux: memory from mmap, and locks on files.
 */
#include "thread.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HIGH_DESCRIPTOR = 200 }; /* programs expect theirs to begin with the lowest */

static int claimed = -1;

/* Brings the file of that name into the program. */
extern const char lopi_executables_only;
const char *const lopi_refuses __attribute__((used)) = &lopi_executables_only;

/*
 * A lock on the file tells programs that run at once from those that run one after the other:
 * a program that this one executes, or that its output goes to, must not have the same file.
 */
int lopi_results_claim(const char *path)
{
	int saved = errno, file, good;
	struct stat status;

	if (stat(path, &status) == 0 && !S_ISREG(status.st_mode))
		return 1;
	file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	errno = saved;
	if (file < 0)
		return 1; /* opening it for the results will fail, too, and say why */
	good = flock(file, LOCK_EX | LOCK_NB) == 0;
	if (good)
		claimed = fcntl(file, F_DUPFD_CLOEXEC, HIGH_DESCRIPTOR);
	close(file);
	errno = saved;
	return good;
}

void lopi_results_disclaim(void)
{
	if (claimed >= 0)
		close(claimed);
	claimed = -1;
}

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
