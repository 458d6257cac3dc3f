/*
 * What pending signals have to tell: the sender, a value. Signals up to 31 are a bit each, and have
 * at most one entry here for each thread; real-time signals are these entries and nothing else, one
 * for each time that they were sent (POSIX.1-2017, section 2.4.1).
 *
 * An entry is for a thread that takes the signal (its bit CASTLE_SIGREALTIME is pending then), or
 * for none as long as all threads block it.
 */
#ifndef KERNEL_PROC_SIGNAL_QUEUE_H
#define KERNEL_PROC_SIGNAL_QUEUE_H

#include <castle/abi.h>
#include <stdbool.h>
#include <stdint.h>

struct process;
struct process_timer;
struct thread;

struct signal_info {
	struct signal_info *next;
	struct thread *thread;       /* that takes it */
	struct process_timer *timer; /* whose entry this is; NULL: it is freed when it was taken */
	uint8_t signal;
	bool shared; /* it was sent to the process */
	bool queued;
	struct castle_signal_info told;
};

/* At boot. */
void signal_queue_init_cache(void);

/*
 * Appends what is told of a signal, a copy unless it is a timer's own; of a signal up to 31 it
 * takes the place of what was told the thread before. 0, or -EAGAIN if there are too many or memory
 * is out. Caller holds process.
 */
int signal_queue_put(struct process *process, struct thread *thread, bool shared,
		     struct signal_info *info);

/*
 * Takes what this thread is told of the signal; false, and *told says that somebody has sent it, if
 * there is nothing. Caller holds process.
 */
bool signal_queue_take(struct thread *thread, uint32_t signal, struct castle_signal_info *told);

/* The lowest real-time signal of the set that is there for the thread, or for any; 0: none. Caller
 * holds process. */
uint32_t signal_queue_lowest(const struct thread *thread, uint32_t realtime_set);

/* The set of real-time signals that the thread or its process has. Caller holds process. */
uint32_t signal_queue_set(const struct thread *thread);

/*
 * The thread's mask has changed: entries of the process that it blocks go to others, it takes those
 * that nobody took, and its bit CASTLE_SIGREALTIME says whether it has any. Caller holds process.
 */
void signal_queue_update(struct thread *thread);

/* The thread is no more. Caller holds process. */
void signal_queue_leave(struct process *process, const struct thread *thread);

/* A timer's own entry, which may be in the queue. Caller holds process. */
void signal_queue_remove(struct process *process, struct signal_info *info);

/* All of it, at the end. Caller holds process. */
void signal_queue_clear(struct process *process);

#endif
