/*
 * Application threads (Section 4.3.2): what runs a program's code on the application processors.
 * Each belongs to a pair with a bootstrap thread, which made it through the driver.
 */
#ifndef KERNEL_APPKERN_THREAD_H
#define KERNEL_APPKERN_THREAD_H

#include <stdbool.h>
#include <stdint.h>
#include <castle/apkern.h>
#include "arch/ia32/fpu_image.h"
#include "arch/ia32/frame.h"
#include "kernel/appkern/space.h"
#include "kernel/lib/list.h"
#include "kernel/sched/wait_queue.h"

struct application_processor;

enum application_state {
	APPLICATION_NEW,        /* made, not yet started */
	APPLICATION_READY,      /* in the ready queue */
	APPLICATION_RUNNING,    /* on a processor, or handed over to one */
	APPLICATION_FORWARDING, /* blocked: its bootstrap thread deals with its message */
	APPLICATION_STOPPED,    /* taken off by apkern_thread_get_regs */
	APPLICATION_SLEEPING,   /* in a sleep answered locally */
	APPLICATION_AWAY,       /* its bootstrap thread runs the program's code itself */
	APPLICATION_ENDED,      /* cleaned up; what is left is freed by the driver */
};

/* A process that has made threads, through one descriptor. */
struct application_process {
	struct application_space space;
	struct list threads;
};

struct application_thread {
	struct trap_frame frame; /* first: the entry code saves user registers here */
	struct fpu_image fpu;
	bool fpu_used;
	enum application_state state;
	struct list queue;    /* ready queue, queue of messages, or sleepers */
	struct list hash;     /* in the lookup table */
	struct list siblings; /* in its process's list */
	struct application_process *owner;
	struct application_processor
		*processor;              /* that it runs on, or ran on last; NULL: never ran */
	struct castle_apkern_area *area; /* the shared area, where the kernel sees it */
	uint32_t id;
	uint32_t priority;  /* 0 is the highest, as the kernel's */
	uint32_t ticks;     /* of its time slice that have passed */
	uint32_t tls;       /* base of %gs */
	volatile bool stop; /* asked to leave its processor */
	bool reload;        /* its registers were exchanged: nothing of it in a processor counts */
	uint32_t message;   /* enum castle_apkern_message outstanding */
	bool bootstrap_waits;   /* its bootstrap thread waits in the driver for a message */
	bool bootstrap_yielded; /* it let others go first since the last message */
	bool soon;              /* the last message came while it looked, or let others go first */
	struct wait_queue waiters;
	int32_t pid; /* as the kernel knows its bootstrap thread */
	uint32_t tid;
	uint32_t sleep_until; /* tick */
	uint32_t sleep_left;  /* where nanosleep() wants the time left after a signal, or 0 */
	uint32_t requests;    /* forwarded system calls, up to as many as are counted together */
	uint64_t computed;    /* cycles it has computed meanwhile */
	uint32_t pace;        /* the average of the last ones that were counted */
	uint32_t computing;   /* ticks in a row that found it computing, while away */
	bool recalled;        /* it was told to come back */
	uint64_t resumed;     /* cycle counter when it last went to user mode */
};

void application_thread_init(void);

/* A new thread of `owner`, its area at `area` (kernel address). NULL when memory is out. */
struct application_thread *application_thread_create(struct application_process *owner,
						     struct castle_apkern_area *area);

/* The thread of `owner` with this identifier, or NULL. */
struct application_thread *application_thread_find(const struct application_process *owner,
						   uint32_t id);

/* Frees a thread that no processor runs and no queue but that of messages holds. */
void application_thread_free(struct application_thread *thread);

/* Threads that exist. */
extern uint32_t application_thread_count;

#endif
