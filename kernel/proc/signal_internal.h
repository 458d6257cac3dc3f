/*
 * What the files about signals share among themselves.
 */
#ifndef KERNEL_PROC_SIGNAL_INTERNAL_H
#define KERNEL_PROC_SIGNAL_INTERNAL_H

#include <castle/abi.h>
#include <stdbool.h>
#include <stdint.h>
#include "kernel/proc/process.h"
#include "kernel/sched/thread.h"

#define SIGNAL_BIT(signal) (1u << (signal) % 32)

/* A number that a signal has. Any context. */
static inline bool signal_is_valid(uint32_t signal)
{
	return signal > 0 && signal < CASTLE_SIGNAL_COUNT && signal != CASTLE_SIGREALTIME;
}

/* Real-time signals that the thread does not block. Caller holds process. */
static inline uint32_t signal_realtime_open(const struct thread *thread)
{
	assert_held(process);
	return thread->signal_mask & SIGNAL_BIT(CASTLE_SIGREALTIME) ? 0 : ~thread->realtime_mask;
}

/* Caller holds process. */
static inline bool signal_is_blocked(const struct thread *thread, uint32_t signal)
{
	assert_held(process);
	if (signal >= CASTLE_SIGRTMIN)
		return !(signal_realtime_open(thread) & SIGNAL_BIT(signal));
	return thread->signal_mask & SIGNAL_BIT(signal);
}

/* sigtimedwait() waits for it. Caller holds process. */
static inline bool signal_is_waited(const struct thread *thread, uint32_t signal)
{
	const uint32_t set =
		signal >= CASTLE_SIGRTMIN ? thread->waited.realtime : thread->waited.low;

	assert_held(process);
	return set & SIGNAL_BIT(signal);
}

/*
 * A thread that takes the signal now, or else one that waits for it by sigtimedwait(); NULL if
 * there is neither. Caller holds process.
 */
struct thread *signal_choose_thread(struct process *process, uint32_t signal);

/* The continuation of sigsuspend(). Caller holds nothing. */
int32_t signal_suspension_interrupted(struct thread *thread);

/* The program itself wants it ignored. Caller holds process. */
static inline bool signal_is_set_to_ignored(const struct process *process, uint32_t signal)
{
	const uint32_t ignored =
		signal < CASTLE_SIGRTMIN ? process->signals_ignored : process->realtime_ignored;

	assert_held(process);
	return ignored & SIGNAL_BIT(signal);
}

/* The thread's stack pointer is in the stack that sigaltstack() has named. Any context. */
bool signal_stack_in_use(const struct thread *thread);

/* Marks the signal pending; a waiting thread's call ends early for it. Caller holds process. */
void signal_make_pending(struct thread *thread, uint32_t signal);

#endif
