/*
 * What a process may use, and what it has used.
 */
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "result.h"

#define MICROSECONDS_PER_TICK (1000000 / CASTLE_TIMES_HZ)

/* Numbers and infinity are the kernel's. */
_Static_assert(RLIMIT_CPU == CASTLE_LIMIT_CPU && RLIMIT_AS == CASTLE_LIMIT_AS &&
		       RLIM_INFINITY == CASTLE_LIMIT_NONE,
	       "the kernel has other limits");

int getrlimit(int resource, struct rlimit *limit)
{
	return result_of(castle_call3(CASTLE_CALL_limit, resource, 0, address(limit)));
}

/* No limit can be above what holds for all: an infinite one is that. */
int setrlimit(int resource, const struct rlimit *limit)
{
	struct rlimit greatest, new = *limit;

	if (getrlimit(resource, &greatest))
		return -1;
	if (new.rlim_max == RLIM_INFINITY)
		new.rlim_max = greatest.rlim_max;
	if (new.rlim_cur == RLIM_INFINITY)
		new.rlim_cur = new.rlim_max;
	return result_of(castle_call3(CASTLE_CALL_limit, resource, address(&new), 0));
}

static struct timeval time_of(uint32_t ticks)
{
	return (struct timeval){ ticks / CASTLE_TIMES_HZ,
				 ticks % CASTLE_TIMES_HZ * MICROSECONDS_PER_TICK };
}

/* The kernel counts all time as spent in user mode. */
int getrusage(int whose, struct rusage *usage)
{
	struct castle_times times;

	if (whose != RUSAGE_SELF && whose != RUSAGE_CHILDREN)
		return failure(EINVAL);
	if (result_of(castle_call1(CASTLE_CALL_times, address(&times))) < 0)
		return -1;
	memset(usage, 0, sizeof *usage);
	usage->ru_utime = time_of(whose == RUSAGE_SELF ? times.own : times.children);
	return 0;
}

/* Of a child alone nothing is known: what it used is counted with the others'. */
pid_t wait3(int *status, int options, struct rusage *usage)
{
	const pid_t pid = waitpid(-1, status, options);

	if (usage && pid > 0)
		getrusage(RUSAGE_CHILDREN, usage);
	return pid;
}
