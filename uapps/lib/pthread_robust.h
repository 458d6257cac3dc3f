/*
 * Robust mutexes: what the functions of mutexes ask of them.
 */
#ifndef CASTLE_LIB_PTHREAD_ROBUST_H
#define CASTLE_LIB_PTHREAD_ROBUST_H

#include <pthread.h>

/* In a mutex's type, beside PTHREAD_MUTEX_NORMAL and so on. */
#define MUTEX_TYPES         3
#define MUTEX_ROBUST        4
#define MUTEX_INHERITS      8    /* asked for; see pthread_robust.c */
#define MUTEX_INCONSISTENT  0x10 /* its owner has ended with it */
#define MUTEX_UNRECOVERABLE 0x20 /* and the next one has given it up as it was */
#define MUTEX_SHARED        0x40 /* by processes */

/*
 * The caller has just come to hold the robust mutex. 0; EOWNERDEAD if its owner had ended; or
 * ENOTRECOVERABLE, and it is to be given up again.
 */
int robust_taken(pthread_mutex_t *mutex);

/*
 * The robust mutex, which processes share, is held by another thread: if that one's process has
 * ended, it is free from now on.
 */
void robust_look_after(pthread_mutex_t *mutex);

/* The caller is about to give it up. */
void robust_given(pthread_mutex_t *mutex);

/* The calling thread ends: whoever gets the mutexes that it holds is told so. */
void robust_thread_ends(void) __attribute__((weak));

#endif
