/*
 * Threads: the unit of execution that the kernel knows (Section 3.2.3). A thread has no kernel
 * stack: its user registers are saved in it on kernel entry, and when it waits it leaves a
 * continuation.
 */
#ifndef KERNEL_SCHED_THREAD_H
#define KERNEL_SCHED_THREAD_H

#include <castle/abi.h>
#include <stdbool.h>
#include <stdint.h>
#include "arch/ia32/cpulocal.h"
#include "arch/ia32/frame.h"
#include "arch/ia32/trap.h"
#include "kernel/lib/list.h"
#include "kernel/lock/domain.h"
#include "kernel/sched/call_result.h"
#include "kernel/sched/place.h"
#include "kernel/time/timer.h"

struct container;
struct process;
struct thread;
struct fpu_state;
struct wait_queue;

enum thread_state {
	THREAD_NEW,     /* not yet handed to the scheduler */
	THREAD_READY,   /* in a ready queue */
	THREAD_RUNNING, /* on a processor */
	THREAD_WAITING, /* in a wait queue, or for its timer */
	THREAD_ENDED,   /* gone from everywhere; only references keep its memory */
};

/* What ended a wait: the first event of all that could, and no other. */
enum wake_reason {
	WAKE_EVENT,       /* what it waited for may have come */
	WAKE_TIMED_OUT,   /* its timer has run out */
	WAKE_INTERRUPTED, /* a signal has come that it takes, or it is to end */
};

/*
 * What a thread that waited does when it runs again: thread->woken tells why. Its result is the
 * call's, or CALL_BLOCKED.
 */
typedef int32_t (*continuation_t)(struct thread *thread);

struct thread {
	struct trap_frame frame; /* first: the entry code saves user registers here */
	struct process *process;
	struct container *container; /* its process's */
	struct place place;
	enum thread_state state;
	continuation_t continuation; /* NULL: resume in user mode */
	struct list queue;           /* in a ready queue or a wait queue */
	struct wait_queue *waits_in; /* NULL: it does not wait, or for its timer and signals only */
	enum wake_reason woken;
	struct list siblings; /* in the process's list of threads */
	int32_t references;   /* to its memory: the process's, and those of who looked it up */
	uint32_t tid;
	uint32_t priority; /* 0 is the highest */
	uint32_t slice;    /* ticks left */
	uint32_t user_ticks;
	struct timer timer;   /* ends a sleep or a wait with a time-out */
	uint32_t timed_wait;  /* which one it is in, where timers have a lock; 0: none */
	uint32_t timed_waits; /* that it has been in */
	uint32_t wait_word;   /* the futex waited for, or nanosleep()'s place for the time left */
	uint32_t progress;    /* bytes that a call has moved before it waited; 0 outside of such */
	uint32_t signal_mask; /* blocked signals, 1 << number */
	uint32_t signal_pending;
	uint32_t signal_shared; /* of those pending, the ones that were sent to the process */
	uint32_t realtime_mask; /* of real-time signals, which are in process->signal_queue */
	uint32_t saved_mask;    /* to go back to, while one of these is true: */
	uint32_t saved_realtime_mask;
	bool suspended;     /* sigsuspend() waits for a handler to run */
	bool awaits_others; /* exec() waits for other threads to leave, and signals with it */
	bool parked;        /* waits for its process to be continued (kernel/proc/stop.h) */
	struct castle_signal_set waited; /* by sigtimedwait(), though they are blocked */
	uint32_t signal_stack;           /* sigaltstack()'s, and its size; 0: none */
	uint32_t signal_stack_size;
	uint32_t tls_base;     /* of %gs */
	uint32_t stack_slot;   /* thread stack slot it owns, plus 1; 0: none */
	struct fpu_state *fpu; /* NULL until the first floating-point instruction */
};

/* The thread that this processor runs; NULL while it idles. */
extern CPU_LOCAL struct thread *current_thread;

/*
 * A thread that is to end has SIGKILL pending, which is not for anybody to block: so wherever the
 * kernel looks for signals, it finds that the thread must leave. It then does not run its program
 * any more, does not wait, and leaves the kernel by itself.
 */
#define THREAD_DYING (1u << CASTLE_SIGKILL)

/*
 * A thread of a stopped process has this pending, in the place of no signal, and cannot block it
 * either: it does not come back to user mode before it is taken away (kernel/proc/stop.h).
 */
#define THREAD_STOPPING 1u

/* Any context. */
static inline bool thread_is_dying(const struct thread *thread)
{
	return thread->signal_pending & THREAD_DYING;
}

/* It never runs anything again. Any context; by whoever holds a reference. */
static inline bool thread_has_ended(const struct thread *thread)
{
	return thread->state == THREAD_ENDED;
}

/* Signals that it would take on its way to user mode. Any context. */
static inline uint32_t thread_deliverable(const struct thread *thread)
{
	return thread->signal_pending & ~thread->signal_mask;
}

/* Of those, the ones that end a wait. Any context. */
static inline uint32_t thread_interrupting(const struct thread *thread)
{
	return thread_deliverable(thread) & ~THREAD_STOPPING;
}

/*
 * True if an interrupt took the thread out of user mode, and it has not made a call since. Caller
 * holds thread.
 */
static inline bool thread_is_computing(const struct thread *thread)
{
	assert_held(thread);
	return (thread->state == THREAD_READY || thread->state == THREAD_RUNNING) &&
	       trap_was_interrupt(&thread->frame);
}

/*
 * Takes the current thread, or one that this processor has just taken from its queue, out of its
 * process and gives up all that it has, for ever; with the last one the process ends. Called on the
 * thread's way out of the kernel, where it holds nothing; there is no current thread afterwards.
 * Defined by kernel/proc/exit.c. Caller holds nothing; frees the thread.
 */
void thread_leave(struct thread *thread);

/*
 * There is no memory for this processor to run the thread's container with: says so on the console,
 * and the thread's process is to end. Defined by kernel/proc/exit.c. Caller holds nothing.
 */
void thread_refuse(struct thread *thread);

#endif
