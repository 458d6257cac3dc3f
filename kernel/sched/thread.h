/*
 * Threads: the unit of execution that the kernel knows (Section 3.2.3). A thread has no kernel
 * stack: its user registers are saved in it on kernel entry, and when it waits it leaves a
 * continuation.
 */
#ifndef KERNEL_SCHED_THREAD_H
#define KERNEL_SCHED_THREAD_H

#include <stdbool.h>
#include <stdint.h>
#include "arch/ia32/cpulocal.h"
#include "arch/ia32/frame.h"
#include "kernel/lib/list.h"
#include "kernel/sched/call_result.h"
#include "kernel/sched/placement.h"
#include "kernel/time/timer.h"

struct process;
struct thread;
struct fpu_state;

enum thread_state {
	THREAD_NEW,     /* not yet handed to the scheduler */
	THREAD_READY,   /* in the ready queue */
	THREAD_RUNNING, /* on a processor */
	THREAD_WAITING, /* in a wait queue, or for its timer */
};

/* What a waiting thread does when it runs again; its result is the call's, or CALL_BLOCKED. */
typedef int32_t (*continuation_t)(struct thread *thread);

struct thread {
	struct trap_frame frame; /* first: the entry code saves user registers here */
	struct process *process;
	struct placement placement;
	enum thread_state state;
	continuation_t continuation; /* NULL: resume in user mode */
	struct list queue;           /* in the ready queue or a wait queue */
	struct list siblings;        /* in the process's list of threads */
	uint32_t tid;
	uint32_t priority; /* 0 is the highest */
	uint32_t slice;    /* ticks left */
	uint32_t user_ticks;
	struct timer timer; /* ends a sleep or a wait with a time-out */
	bool timed_out;
	uint32_t wait_key;    /* the address of the futex that it waits for */
	uint32_t progress;    /* bytes that a blocked call has moved already; else 0 */
	uint32_t sleep_left;  /* nanosleep(): address for the time left after a signal, or 0 */
	uint32_t signal_mask; /* blocked signals, 1 << number */
	uint32_t signal_pending;
	uint32_t suspended_mask; /* sigsuspend(): the mask to go back to */
	bool suspended;
	uint32_t tls_base;     /* of %gs */
	uint32_t stack_slot;   /* thread stack slot it owns, plus 1; 0: none */
	struct fpu_state *fpu; /* NULL until the first floating-point instruction */
};

/* The thread that this processor runs; NULL while it idles. */
extern CPU_LOCAL struct thread *current_thread;

void thread_init_caches(void);

/*
 * A new thread of `process` in state THREAD_NEW, its frame all zero but for the segments and flags.
 */
struct thread *thread_create(struct process *process, uint32_t priority);

/*
 * Takes the thread out of every queue and frees it. If it is the current one, the processor has no
 * current thread afterwards, and the caller must not return to user mode.
 */
void thread_destroy(struct thread *thread);

/* The calls of threads on threads. */
int32_t sys_gettid(void);
int32_t sys_yield(void);
int32_t sys_thread_create(uint32_t arguments);
int32_t sys_thread_exit(uint32_t word);
int32_t sys_set_tls(uint32_t base);

#endif
