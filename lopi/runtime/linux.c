/*
 * What programs have of Linux: memory from mmap, locks on files, threads that libraries create, and
 * signals that end programs.
 */
#include "signals.h"
#include "thread.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <threads.h>
#include <unistd.h>

enum { HIGH_DESCRIPTOR = 200 }; /* programs expect theirs to begin with the lowest */

static int claimed = -1;

#ifndef LOPI_SHARED
/* Brings the file of that name into the program. */
extern const char lopi_executables_only;
const char *const lopi_refuses __attribute__((used)) = &lopi_executables_only;
#endif

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

/* --- threads --- */

/* The C library's own pthread_create(): by this name in programs without shared libraries, where
 * thrd_create() brings it in. Others ask for it. */
extern lopi_creator __pthread_create_2_1 __attribute__((weak));
#pragma weak dlsym

lopi_creator *lopi_creator_of_system(void)
{
	static lopi_creator *found;

	if (!found)
		found = __pthread_create_2_1 ? __pthread_create_2_1
					     : (lopi_creator *)dlsym(RTLD_NEXT, "pthread_create");
	if (!found)
		LOPI_PROGRAM_WRONG("lopi: no pthread_create() in this program\n");
	return found;
}

/* Libraries, that of C++ for one, that create threads find this one in the program, before the C
 * library's. */
__attribute__((weak, visibility("default"))) int pthread_create(pthread_t *thread,
								const pthread_attr_t *attributes,
								void *(*routine)(void *argument),
								void *argument)
{
	return lopi_thread_create(lopi_creator_of_system(), thread, attributes, routine, argument);
}

struct thrd_start {
	thrd_start_t routine;
	void *argument;
};

static int thrd_starts(void *argument)
{
	struct thrd_start start = *(struct thrd_start *)argument;

	free(argument);
	lopi_thread_register();
	return start.routine(start.argument);
}

/* Instrumented objects create threads with this. The C library does not use pthread_create(). */
LOPI_EXPORTED int lopi_thrd_create(thrd_t *thread, thrd_start_t routine, void *argument)
{
	struct thrd_start *start = malloc(sizeof(*start));
	int status;

	if (!start)
		return thrd_nomem;
	*start = (struct thrd_start){ routine, argument };
	status = thrd_create(thread, thrd_starts, start);
	if (status != thrd_success)
		free(start);
	return status;
}

/* --- the end --- */

/* Whether it will come again by itself: an instruction causes it. */
static int is_caused(int number, const siginfo_t *information)
{
	return information->si_code > 0 &&
	       (number == SIGSEGV || number == SIGBUS || number == SIGFPE || number == SIGILL);
}

/* The signal's own action has come back before this, and is taken when this returns. */
static void write_and_end(int number, siginfo_t *information, void *context)
{
	int saved = errno;

	(void)context;
	lopi_finish();
	if (!is_caused(number, information))
		raise(number);
	errno = saved;
}

/* Signals of which the program has its own opinion by now keep it. */
void lopi_expect_end(void)
{
	static const int signals[] = { SIGHUP, SIGINT,  SIGQUIT, SIGILL,  SIGABRT, SIGBUS,
				       SIGFPE, SIGSEGV, SIGPIPE, SIGALRM, SIGTERM, SIGXCPU };
	struct sigaction ours = { .sa_sigaction = write_and_end,
				  .sa_flags = SA_SIGINFO | SA_RESETHAND },
			 theirs;

	for (unsigned index = 0; index < sizeof(signals) / sizeof(signals[0]); index++) {
		if (sigaction(signals[index], NULL, &theirs) == 0 && theirs.sa_handler == SIG_DFL &&
		    !(theirs.sa_flags & SA_SIGINFO))
			sigaction(signals[index], &ours, NULL);
	}
}
