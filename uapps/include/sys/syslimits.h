/*
 * Castle's limits (castle/abi.h) where they differ from newlib's, and those of threads; for
 * <limits.h>.
 */
#ifndef CASTLE_SYS_SYSLIMITS_H
#define CASTLE_SYS_SYSLIMITS_H

#define OPEN_MAX 256

#include_next <sys/syslimits.h>

#undef PIPE_BUF
#define PIPE_BUF 4096

#define SSIZE_MAX __INT_MAX__

#define PTHREAD_KEYS_MAX              128
#define PTHREAD_DESTRUCTOR_ITERATIONS 4
#define PTHREAD_STACK_MIN             4096

/* The kernel's slots for thread stacks are 256 KB, of which the lowest page is the guard. */
#define PTHREAD_STACK_DEFAULT 0x3F000

#endif
