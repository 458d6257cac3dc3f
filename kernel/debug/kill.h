/*
 * Processes that are killed on purpose at the n-th point of a kind, in DEBUG=1 kernels
 * (kernel/debug/kill_nth.c); elsewhere nothing of it is compiled in.
 */
#ifndef KERNEL_DEBUG_KILL_H
#define KERNEL_DEBUG_KILL_H

struct thread;

enum kill_class {
	KILL_LOCK, /* one of its threads is about to take a lock, for which it might have to wait */
	KILL_BLOCK, /* one is in a queue now, to wait */
	KILL_WAKE,  /* one has been woken, and does not run yet */
};

#ifdef CASTLE_DEBUG
/* The thread is at such a point. Any context. */
void kill_point(const struct thread *thread, enum kill_class class);

/* The same for the current thread, if there is one. Any context (of the kernel's processors). */
void kill_point_here(enum kill_class class);
#else
static inline void kill_point(const struct thread *thread, enum kill_class class)
{
	(void)thread;
	(void)class;
}
#endif

#endif
