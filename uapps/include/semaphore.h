/*
 * POSIX semaphores, with and without names.
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
	unsigned int shared; /* between processes: these look again on each tick */
} sem_t;

#define SEM_FAILED ((sem_t *)0)

/*
 * With `pshared`, for memory that processes share (MAP_SHARED): who waits for such a semaphore
 * learns of a post by another process up to 10 ms late.
 */
int sem_init(sem_t *semaphore, int pshared, unsigned int value);
int sem_destroy(sem_t *semaphore);

/*
 * With a name, a file in /dev/shm that processes share. With O_CREAT, a mode and a first value
 * follow. Opened again by the same process, it is at the same place.
 */
sem_t *sem_open(const char *name, int flags, ...);
int sem_close(sem_t *semaphore);
int sem_unlink(const char *name);

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
