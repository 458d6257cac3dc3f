/*
 * Making threads and telling them to end. The thread itself is kernel/sched/thread.h's.
 */
#ifndef KERNEL_PROC_THREAD_H
#define KERNEL_PROC_THREAD_H

#include "arch/ia32/reference.h"
#include "kernel/sched/thread.h"

/* At boot. */
void thread_init_caches(void);

/*
 * A new thread of `process`, which has its container and which nobody else knows, in state
 * THREAD_NEW, its frame all zero. NULL when memory is out. Any context.
 */
struct thread *thread_create(struct process *process, uint32_t priority);

/*
 * Takes the thread from its process. It runs nowhere and is in no queue: it has left, or was never
 * ready. thread_discard() is to follow. Caller holds process.
 */
void thread_end(struct thread *thread);

/*
 * Gives up what a thread that is of no process any more has, but for its memory if that is
 * referenced. Caller holds nothing; frees the thread.
 */
void thread_discard(struct thread *thread);

/* The memory of a thread stays while it is referenced (thread_has_ended()). Any context. */
static inline void thread_reference(struct thread *thread)
{
	reference_take(&thread->references);
}

/* Caller holds nothing; frees the thread. */
void thread_release(struct thread *thread);

/*
 * Has the thread look for the signals that it takes: on its way out of the kernel, which is now if
 * it is in user mode; a wait of its ends early. Caller holds process.
 */
void thread_interrupt(struct thread *thread);

/*
 * Tells the thread to leave (THREAD_DYING): it is woken if it waits, goes before others if it is
 * ready, and is reminded if it runs on another processor. Caller holds process.
 */
void thread_kill(struct thread *thread);

/* System calls of threads on threads (include/castle/calls.h). Caller holds nothing; may block. */
int32_t sys_gettid(void);
int32_t sys_getcpu(void);
int32_t sys_yield(void);
int32_t sys_thread_create(uint32_t arguments);
int32_t sys_thread_exit(uint32_t word);
int32_t sys_set_tls(uint32_t base);

#endif
