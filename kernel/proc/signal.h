/*
 * Signals, with POSIX's meanings: dispositions belong to the process, masks to threads. A thread
 * takes a signal on its way to user mode; a deadly one has all threads of the process leave.
 */
#ifndef KERNEL_PROC_SIGNAL_H
#define KERNEL_PROC_SIGNAL_H

#include <stdbool.h>
#include <stdint.h>
#include <castle/abi.h>

struct process;
struct signal_info;
struct signal_actions;
struct thread;

/* At boot. */
void signal_init_cache(void);

/*
 * Sends a signal to a process: handled by one of its threads that does not block it, ignored, or
 * the end of the process; or it stays the process's until one of its threads lets it through.
 * Caller holds process.
 */
void signal_send(struct process *process, uint32_t signal);

/*
 * The same, to one of its threads unless that is NULL, with what is told of it (NULL: nothing;
 * kernel/proc/signal_queue.h). 0; -EAGAIN if a real-time signal finds no place in the queue. Caller
 * holds process.
 */
int signal_send_told(struct process *process, struct thread *thread, uint32_t signal,
		     struct signal_info *info);

/* SIGCHLD for the parent, with what has become of the child: CASTLE_CLD_*, and its status or
 * signal. Caller holds process (the parent's). */
void signal_send_child(struct process *parent, int32_t pid, int32_t code, int32_t status);

/*
 * The same for who does not have the process's lock. Caller holds nothing (of that rank or above).
 */
void signal_post(struct process *process, uint32_t signal);

/*
 * Sends a signal to this very thread, with the same effect as signal_send() if it is ignored or its
 * action is the default. Caller holds process.
 */
void signal_send_thread(struct thread *thread, uint32_t signal);

/* Forgets a signal that signal_send_thread() has sent, if it is still pending. Caller holds
 * process. */
void signal_cancel(struct thread *thread, uint32_t signal);

/*
 * The current thread did something it may not. If the process has a handler, the thread runs it;
 * otherwise the process ends, and a line on the console names program, address and reason. Caller
 * holds process.
 */
void signal_fault(struct thread *thread, uint32_t signal, const char *reason, uint32_t address);

/*
 * On the way out of the kernel: lets the current thread take its pending signals; that of a stopped
 * process waits. False if it is to end instead: then it has to leave (thread_leave()). Caller holds
 * process; may block.
 */
bool signal_deliver_pending(void);

/*
 * The thread's new mask: it takes signals of the process that it lets through now, and leaves to
 * others those that it blocks now. Caller holds process.
 */
void signal_mask_set(struct thread *thread, uint32_t mask);

/* The same of both words of the mask. Caller holds process. */
void signal_masks_set(struct thread *thread, uint32_t mask, uint32_t realtime);

/* Sends each of these signals, a bit each, to the process. Caller holds process. */
void signals_send(struct process *process, uint32_t signals);

/* Handlers of a process, for fork. 0 or -ENOMEM. Caller holds process. */
int signal_actions_copy(struct process *to, const struct process *from);

/*
 * They are gone, for exec() and at the end. Any context (the caller holds process, or nobody sends
 * the process signals any more).
 */
void signal_actions_reset(struct process *process);

/* System calls (include/castle/calls.h). Caller holds nothing; may block. */
int32_t sys_kill(int32_t pid, uint32_t signal);
int32_t sys_thread_kill(uint32_t tid, uint32_t signal);
int32_t sys_sigaction(uint32_t signal, uint32_t action, uint32_t old_action);
int32_t sys_sigprocmask(uint32_t how, uint32_t set, uint32_t old_set);
int32_t sys_sigreturn(void);
int32_t sys_sigsuspend(uint32_t mask, uint32_t realtime);
int32_t sys_sigmask(uint32_t how, uint32_t set, uint32_t old_set);
int32_t sys_sigqueue(int32_t pid, uint32_t signal, uint32_t value);
int32_t sys_sigtimedwait(uint32_t set, uint32_t told, uint32_t timeout);
int32_t sys_sigpending(uint32_t set);
int32_t sys_sigaltstack(uint32_t new, uint32_t old);

#endif
