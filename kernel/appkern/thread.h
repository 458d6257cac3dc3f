/*
 * Application threads (Section 4.3.2): what runs a program's code on the application processors.
 * Each belongs to a pair with a bootstrap thread, which made it through the driver.
 */
#ifndef KERNEL_APPKERN_THREAD_H
#define KERNEL_APPKERN_THREAD_H

#include <stdbool.h>
#include <stdint.h>
#include <castle/apkern.h>
#include "kernel/appkern/castle/native.h"
#include "kernel/appkern/ia32/registers.h"
#include "kernel/appkern/ia32/space.h"

struct application_processor;
struct process;
struct thread;

/* Those below the line are left by the boot processor alone; it need not hold the lock to look. */
enum application_state {
	APPLICATION_READY,    /* in the ready queue */
	APPLICATION_RUNNING,  /* on a processor, or handed over to one */
	APPLICATION_SLEEPING, /* in a sleep answered locally */
	/* --- */
	APPLICATION_NEW,        /* made, not yet started */
	APPLICATION_FORWARDING, /* blocked: its bootstrap thread deals with its message */
	APPLICATION_STOPPED,    /* taken off by apkern_thread_get_regs */
	APPLICATION_AWAY,       /* a kernel's thread runs the program's code itself */
	APPLICATION_ENDED,      /* cleaned up; what is left is freed by the driver */
};

/* What a bootstrap thread does about its application thread's next message. */
enum bootstrap_state {
	BOOTSTRAP_AWAKE,   /* nothing yet: it deals with the last one, or looks for the next */
	BOOTSTRAP_YIELDED, /* it has let other threads go first, and comes to look again */
	BOOTSTRAP_WAITS,   /* it waits in the driver, to be woken for the message */
};

/* A process that has made threads, through one descriptor: it may be gone, and a child has that. */
struct application_process {
	struct process *process; /* referenced */
	struct application_space space;
	struct list threads;
};

struct application_thread {
	struct application_registers registers; /* first: the entry code saves them here */
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
	volatile bool stop; /* asked to leave its processor */
	bool reload;        /* its registers were exchanged: nothing of it in a processor counts */
	uint32_t message;   /* enum castle_apkern_message outstanding */
	enum bootstrap_state bootstrap;
	bool soon; /* the last message came while the bootstrap thread looked for it */
	struct native_waiters waiters; /* the bootstrap thread, while BOOTSTRAP_WAITS */
	int32_t pid;                   /* as the kernel knows the bootstrap thread */
	uint32_t tid;
	uint32_t sleep_until;  /* tick */
	uint32_t sleep_left;   /* where nanosleep() wants the time left after a signal, or 0 */
	uint32_t requests;     /* forwarded system calls, up to as many as are counted together */
	uint64_t computed;     /* cycles it has computed meanwhile */
	uint32_t pace;         /* the average of the last ones that were counted */
	struct thread *native; /* referenced: what runs the program's code while away; else NULL */
	uint32_t computing;    /* ticks in a row that found it computing, while away */
	bool recalled;         /* it was told to come back */
	uint64_t resumed;      /* cycle counter when it last went to user mode */
};

/* At boot. */
void application_thread_init(void);

/*
 * A new thread of `owner`, its area at `area` (kernel address), the current thread of the kernel
 * its bootstrap thread. NULL when memory is out. Caller holds driver.
 */
struct application_thread *application_thread_create(struct application_process *owner,
						     struct castle_apkern_area *area);

/* The thread of `owner` with this identifier, or NULL. Caller holds driver. */
struct application_thread *application_thread_look_up(const struct application_process *owner,
						      uint32_t id);

/* The same, at once for the first one: most processes have no other. Caller holds driver. */
static inline struct application_thread *
application_thread_find(const struct application_process *owner, uint32_t id)
{
	struct application_thread *first =
		list_entry(owner->threads.next, struct application_thread, siblings);

	assert_held(driver);
	if (!list_empty(&owner->threads) && first->id == id)
		return first;
	return application_thread_look_up(owner, id);
}

/*
 * Frees a thread in a state that the boot processor alone can change. Caller holds driver; frees
 * the thread.
 */
void application_thread_free(struct application_thread *thread);

/* Threads that exist. Caller holds driver. */
extern uint32_t application_thread_count;

#endif
