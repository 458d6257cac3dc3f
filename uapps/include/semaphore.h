/*
 * POSIX semaphores without names.
 */
#ifndef CASTLE_SEMAPHORE_H
#define CASTLE_SEMAPHORE_H

#include <limits.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SEM_VALUE_MAX INT_MAX

typedef struct {
	unsigned int value;
	unsigned int waiters;
} sem_t;

/* All semaphores may be shared as far as their memory is; `pshared` is ignored. */
int sem_init(sem_t *semaphore, int pshared, unsigned int value);
int sem_destroy(sem_t *semaphore);

/* Takes one, waiting until there is one: with trywait, not at all (EAGAIN). */
int sem_wait(sem_t *semaphore);
int sem_trywait(sem_t *semaphore);

/* Takes one; ETIMEDOUT if there is none until `deadline` on CLOCK_REALTIME. */
int sem_timedwait(sem_t *__restrict semaphore, const struct timespec *__restrict deadline);

/* Adds one and wakes a thread that waits. */
int sem_post(sem_t *semaphore);

int sem_getvalue(sem_t *__restrict semaphore, int *__restrict value);

#ifdef __cplusplus
}
#endif

#endif
