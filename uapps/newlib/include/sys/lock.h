/*
 * The locks inside newlib: malloc's, stdio's, one in each FILE. They are futexes, so that one that
 * nobody else wants costs no system call, and they lie in the object that they protect, so that
 * opening a stream allocates nothing for its lock. uapps/lib/lock.c implements them.
 */
#ifndef CASTLE_SYS_LOCK_H
#define CASTLE_SYS_LOCK_H

struct __castle_lock {
	unsigned int state; /* 0 free, 1 held, 2 held and perhaps waited for */
	void *owner;        /* the thread that holds a recursive lock */
	unsigned int depth; /* how often it holds it */
};

typedef struct __castle_lock _LOCK_T;
typedef struct __castle_lock _LOCK_RECURSIVE_T;

#define __LOCK_INIT(class, lock)           class _LOCK_T lock = {0, 0, 0}
#define __LOCK_INIT_RECURSIVE(class, lock) class _LOCK_RECURSIVE_T lock = {0, 0, 0}

#ifdef __cplusplus
extern "C" {
#endif

/* Makes a lock free. */
void __castle_lock_init(_LOCK_T *lock);

/* Takes a lock; waits as long as another thread holds it. */
void __castle_lock_acquire(_LOCK_T *lock);

/* Takes a lock that is free; returns 0 if it did. */
int __castle_lock_try_acquire(_LOCK_T *lock);

/* Frees a lock that the caller holds. */
void __castle_lock_release(_LOCK_T *lock);

/* The same for locks that a thread may take again while it holds them. */
void __castle_lock_acquire_recursive(_LOCK_RECURSIVE_T *lock);
int __castle_lock_try_acquire_recursive(_LOCK_RECURSIVE_T *lock);
void __castle_lock_release_recursive(_LOCK_RECURSIVE_T *lock);

#ifdef __cplusplus
}
#endif

#define __lock_init(lock)                  __castle_lock_init(&(lock))
#define __lock_init_recursive(lock)        __castle_lock_init(&(lock))
#define __lock_close(lock)                 ((void)0)
#define __lock_close_recursive(lock)       ((void)0)
#define __lock_acquire(lock)               __castle_lock_acquire(&(lock))
#define __lock_acquire_recursive(lock)     __castle_lock_acquire_recursive(&(lock))
#define __lock_try_acquire(lock)           __castle_lock_try_acquire(&(lock))
#define __lock_try_acquire_recursive(lock) __castle_lock_try_acquire_recursive(&(lock))
#define __lock_release(lock)               __castle_lock_release(&(lock))
#define __lock_release_recursive(lock)     __castle_lock_release_recursive(&(lock))

#endif
