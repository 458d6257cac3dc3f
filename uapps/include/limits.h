/*
 * newlib's <limits.h> with Castle's limits (castle/abi.h) where they differ, and those of threads.
 */
#ifndef CASTLE_LIMITS_H
#define CASTLE_LIMITS_H

#define OPEN_MAX 256

#include_next <limits.h>

#undef PIPE_BUF
#define PIPE_BUF 4096

#define PTHREAD_KEYS_MAX              128
#define PTHREAD_DESTRUCTOR_ITERATIONS 4
#define PTHREAD_STACK_MIN             4096

/* The kernel's slots for thread stacks are 256 KB, of which the lowest page is the guard. */
#define PTHREAD_STACK_DEFAULT 0x3F000

#endif
