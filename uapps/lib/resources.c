/*
 * What a process may use, which is fixed, and what it has used.
 */
#include <castle/address_map.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "result.h"

#define MICROSECONDS_PER_TICK (1000000 / CASTLE_TIMES_HZ)

static int limit_of(int resource, rlim_t *limit)
{
	switch (resource) {
	case RLIMIT_NOFILE:
		*limit = CASTLE_OPEN_MAX;
		return 0;
	case RLIMIT_STACK:
		*limit = CASTLE_STACK_END - CASTLE_STACK_GUARD_END;
		return 0;
	case RLIMIT_DATA:
	case RLIMIT_AS:
		*limit = CASTLE_DATA_END - CASTLE_DATA_BASE;
		return 0;
	case RLIMIT_CORE:
		*limit = 0;
		return 0;
	case RLIMIT_CPU:
	case RLIMIT_FSIZE:
		*limit = RLIM_INFINITY;
		return 0;
	default:
		return failure(EINVAL);
	}
}

int getrlimit(int resource, struct rlimit *limit)
{
	rlim_t value;

	if (limit_of(resource, &value) != 0)
		return -1;
	*limit = (struct rlimit){ value, value };
	return 0;
}

/* A limit may be set to what it is. */
int setrlimit(int resource, const struct rlimit *limit)
{
	rlim_t value;

	if (limit_of(resource, &value) != 0)
		return -1;
	return limit->rlim_cur == value ? 0 : failure(EPERM);
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
