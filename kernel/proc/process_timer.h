/*
 * Timers of a process: those of timer_create(), and the three of setitimer() and alarm(), which
 * stay over exec(). A child has none (POSIX.1-2017, section 2.8.5).
 */
#ifndef KERNEL_PROC_PROCESS_TIMER_H
#define KERNEL_PROC_PROCESS_TIMER_H

#include <stdbool.h>
#include <stdint.h>
#include "kernel/proc/signal_queue.h"
#include "kernel/time/timer.h"

struct process;

struct process_timer {
	struct timer timer;
	struct process_timer *next; /* of the same process */
	struct process *process;
	int32_t number;
	uint32_t setting;  /* counts how often it was set: an older time has run out in vain */
	uint32_t clock;    /* CASTLE_CLOCK_* */
	uint32_t thread;   /* that gets the signal; 0: the process */
	uint32_t interval; /* ticks; 0: once only */
	bool armed;
	uint32_t due;            /* where the clock counts ticks of processor time */
	uint32_t overrun;        /* since the signal that waits was sent */
	uint32_t overrun_told;   /* of the one that was taken last */
	struct signal_info info; /* its place in the queue of signals */
};

/* At boot. */
void process_timer_init_cache(void);

/* All timers go, or all but those that stay over exec(). Caller holds process. */
void process_timers_delete(struct process *process, bool all);

/*
 * Has the process sent this signal when it has used so many more ticks of processor time, and from
 * then on each second: the limit RLIMIT_CPU. 0 or -ENOMEM. Caller holds process.
 */
int process_timer_limit(struct process *process, uint32_t signal, uint32_t ticks);

/* The signal that this timer has sent was taken. Caller holds process. */
void process_timer_told(struct process_timer *timer);

/*
 * Ticks of processor time by one of CASTLE_CLOCK_PROCESS and CASTLE_CLOCK_THREAD, with the number
 * of the caller's process or of a thread of it. 0 or -EINVAL. Caller holds nothing.
 */
int processor_clock_read(uint32_t clock, uint32_t *ticks);

/* System call (include/castle/calls.h). Caller holds nothing. */
int32_t sys_timer(uint32_t command, int32_t number, uint32_t argument);

#endif
