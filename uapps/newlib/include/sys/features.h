/*
 * The POSIX options that Castle's C library has, on top of newlib's own feature tests.
 */
#ifndef CASTLE_SYS_FEATURES_H
#define CASTLE_SYS_FEATURES_H

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
#define _POSIX_TIMERS                   1 /* clocks and nanosleep(); there is no timer_create() */
#define _POSIX_MONOTONIC_CLOCK          200809L
#define _POSIX_CLOCK_SELECTION          200809L
#define _POSIX_SPAWN                    200809L
#define _POSIX_NO_TRUNC                 1

#endif
