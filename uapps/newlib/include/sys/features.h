/*
 * The POSIX options that Castle's C library has, on top of newlib's own feature tests.
 */
#ifndef CASTLE_SYS_FEATURES_H
#define CASTLE_SYS_FEATURES_H

/*
 * newlib makes <stdint.h> out of what gcc predefines; tcc predefines none of it, and has types of
 * the same names in its <stddef.h>.
 */
#ifdef __TINYC__
#define __INT8_TYPE__         signed char
#define __UINT8_TYPE__        unsigned char
#define __INT16_TYPE__        short
#define __UINT16_TYPE__       unsigned short
#define __INT32_TYPE__        int
#define __UINT32_TYPE__       unsigned int
#define __INT64_TYPE__        long long
#define __UINT64_TYPE__       unsigned long long
#define __INT_LEAST8_TYPE__   signed char
#define __UINT_LEAST8_TYPE__  unsigned char
#define __INT_LEAST16_TYPE__  short
#define __UINT_LEAST16_TYPE__ unsigned short
#define __INT_LEAST32_TYPE__  int
#define __UINT_LEAST32_TYPE__ unsigned int
#define __INT_LEAST64_TYPE__  long long
#define __UINT_LEAST64_TYPE__ unsigned long long
#define __INT_FAST8_TYPE__    signed char
#define __UINT_FAST8_TYPE__   unsigned char
#define __INT_FAST16_TYPE__   int
#define __UINT_FAST16_TYPE__  unsigned int
#define __INT_FAST32_TYPE__   int
#define __UINT_FAST32_TYPE__  unsigned int
#define __INT_FAST64_TYPE__   long long
#define __UINT_FAST64_TYPE__  unsigned long long
#define __INTPTR_TYPE__       int
#define __UINTPTR_TYPE__      unsigned int
#define __INTMAX_TYPE__       long long
#define __UINTMAX_TYPE__      unsigned long long
#define __int8_t_defined      1
#endif

#include_next <sys/features.h>

#define _POSIX_THREADS                  200809L
#define _POSIX_THREAD_SAFE_FUNCTIONS    200809L
#define _POSIX_THREAD_ATTR_STACKADDR    200809L
#define _POSIX_THREAD_ATTR_STACKSIZE    200809L
#define _UNIX98_THREAD_MUTEX_ATTRIBUTES 1
#define _POSIX_BARRIERS                 200809L
#define _POSIX_READER_WRITER_LOCKS      200809L
#define _POSIX_SPIN_LOCKS               200809L
#define _POSIX_SEMAPHORES               200809L
#define _POSIX_TIMEOUTS                 200809L
#define _POSIX_TIMERS                   200809L
#define _POSIX_CPUTIME                  200809L
#define _POSIX_THREAD_CPUTIME           200809L
#define _POSIX_REALTIME_SIGNALS         200809L
#define _POSIX_THREAD_PROCESS_SHARED    200809L
#define _POSIX_THREAD_PRIO_INHERIT      200809L
#define _POSIX_THREAD_ROBUST_PRIO_INHERIT 200809L
#define _POSIX_MONOTONIC_CLOCK          200809L
#define _POSIX_CLOCK_SELECTION          200809L
#define _POSIX_SPAWN                    200809L
#define _POSIX_NO_TRUNC                 1

#endif
