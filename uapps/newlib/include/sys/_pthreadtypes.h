/*
 * The types behind <pthread.h> and <semaphore.h>. newlib's own are 32-bit handles into tables of
 * the operating system; here they are the objects themselves, made of futex words, so that neither
 * creating nor an uncontended lock enters the kernel.
 */
#ifndef _SYS__PTHREADTYPES_H_
#define _SYS__PTHREADTYPES_H_

#include <sys/sched.h>

typedef struct __castle_thread *pthread_t;
typedef __uint32_t pthread_key_t;

#define PTHREAD_SCOPE_PROCESS   0
#define PTHREAD_SCOPE_SYSTEM    1
#define PTHREAD_INHERIT_SCHED   1
#define PTHREAD_EXPLICIT_SCHED  2
#define PTHREAD_CREATE_JOINABLE 0
#define PTHREAD_CREATE_DETACHED 1
#define PTHREAD_PROCESS_PRIVATE 0
#define PTHREAD_PROCESS_SHARED  1

typedef struct {
	void *stackaddr;    /* the stack's lowest address, or null: the kernel's choice */
	__size_t stacksize; /* bytes */
	int detachstate;
} pthread_attr_t;

#define PTHREAD_MUTEX_NORMAL     0
#define PTHREAD_MUTEX_RECURSIVE  1
#define PTHREAD_MUTEX_ERRORCHECK 2
#define PTHREAD_MUTEX_DEFAULT    PTHREAD_MUTEX_NORMAL

typedef struct __castle_mutex {
	unsigned int state; /* 0 free, 1 held, 2 held and perhaps waited for */
	pthread_t owner;    /* not kept for PTHREAD_MUTEX_NORMAL */
	unsigned int depth;
	int type;                         /* and how it is: uapps/lib/pthread_robust.h */
	struct __castle_mutex *next_held; /* by the same thread, of robust ones */
	int owner_pid;                    /* of one that processes share */
} pthread_mutex_t;

typedef struct {
	int type;
} pthread_mutexattr_t;

/* clang-format off */
#define _PTHREAD_MUTEX_INITIALIZER              { 0, 0, 0, PTHREAD_MUTEX_NORMAL, 0, 0 }
#define PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP  { 0, 0, 0, PTHREAD_MUTEX_RECURSIVE, 0, 0 }
#define PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP { 0, 0, 0, PTHREAD_MUTEX_ERRORCHECK, 0, 0 }
#define _PTHREAD_COND_INITIALIZER               { 0, 0, 0, 0 }
#define _PTHREAD_ONCE_INIT                      { 0 }
#define _PTHREAD_RWLOCK_INITIALIZER             { 0, 0, 0, 0, 0 }
/* clang-format on */

typedef struct {
	unsigned int sequence; /* counts signals; what waiters wait on */
	unsigned int waiters;
	clockid_t clock; /* of timed waits; 0: CLOCK_REALTIME */
	int pshared;
} pthread_cond_t;

typedef struct {
	clockid_t clock;
	int pshared;
} pthread_condattr_t;

typedef struct {
	unsigned int state; /* 0 not run, 1 runs, 2 runs and is waited for, 3 done */
} pthread_once_t;

typedef struct {
	unsigned int count;    /* threads to wait for */
	unsigned int spin;     /* there is a processor for each of them: look before sleeping */
	unsigned int arrived;  /* in this round */
	unsigned int round;    /* what waiters wait on */
	unsigned int sleeping; /* waiters in the kernel, or about to be */
	unsigned int leaving;  /* threads of a round that is over that may still look in here */
	int pshared;
} pthread_barrier_t;

typedef struct {
	int pshared;
} pthread_barrierattr_t;

typedef unsigned int pthread_spinlock_t;

typedef struct {
	unsigned int state;    /* readers inside, or all ones: one writer */
	unsigned int writers;  /* that wait: new readers stay out */
	unsigned int waiters;  /* of both kinds */
	unsigned int sequence; /* counts releases; what waiters wait on */
	int pshared;
} pthread_rwlock_t;

typedef struct {
	int pshared;
} pthread_rwlockattr_t;

#endif
