/*
 * newlib's <sys/resource.h>, with what others count in struct rusage, and limits.
 */
#ifndef CASTLE_SYS_RESOURCE_H
#define CASTLE_SYS_RESOURCE_H

#define rusage    newlib_rusage
#define getrusage newlib_getrusage
#include_next <sys/resource.h>
#undef rusage
#undef getrusage

/* But for the first, which are all that is counted, zero. */
struct rusage {
	struct timeval ru_utime;
	struct timeval ru_stime;
	long ru_maxrss, ru_ixrss, ru_idrss, ru_isrss;
	long ru_minflt, ru_majflt, ru_nswap;
	long ru_inblock, ru_oublock;
	long ru_msgsnd, ru_msgrcv, ru_nsignals;
	long ru_nvcsw, ru_nivcsw;
};

typedef unsigned long rlim_t;

struct rlimit {
	rlim_t rlim_cur;
	rlim_t rlim_max;
};

#define RLIM_INFINITY  (~0UL)
#define RLIM_SAVED_CUR RLIM_INFINITY
#define RLIM_SAVED_MAX RLIM_INFINITY

#define RLIMIT_CPU    0
#define RLIMIT_FSIZE  1
#define RLIMIT_DATA   2
#define RLIMIT_STACK  3
#define RLIMIT_CORE   4
#define RLIMIT_NOFILE 5
#define RLIMIT_AS     6

#define PRIO_PROCESS 0

#ifdef __cplusplus
extern "C" {
#endif

int getrusage(int whose, struct rusage *usage);
int getrlimit(int resource, struct rlimit *limit);
int setrlimit(int resource, const struct rlimit *limit);

#ifdef __cplusplus
}
#endif

#endif
