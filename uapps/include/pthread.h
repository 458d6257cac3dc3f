/*
 * newlib's <pthread.h>, and the mutexes that it does not know: robust ones, and those whose owner
 * inherits the priority of who waits (uapps/lib/pthread_robust.c).
 */
#ifndef CASTLE_PTHREAD_H
#define CASTLE_PTHREAD_H

#include_next <pthread.h>

#define PTHREAD_MUTEX_STALLED 0
#define PTHREAD_MUTEX_ROBUST  1

#define PTHREAD_PRIO_NONE    0
#define PTHREAD_PRIO_INHERIT 1
#define PTHREAD_PRIO_PROTECT 2

#ifdef __cplusplus
extern "C" {
#endif

int pthread_mutexattr_setrobust(pthread_mutexattr_t *attributes, int robust);
int pthread_mutexattr_getrobust(const pthread_mutexattr_t *attributes, int *robust);
int pthread_mutex_consistent(pthread_mutex_t *mutex);
int pthread_mutexattr_setprotocol(pthread_mutexattr_t *attributes, int protocol);
int pthread_mutexattr_getprotocol(const pthread_mutexattr_t *attributes, int *protocol);

#ifdef __cplusplus
}
#endif

#endif
