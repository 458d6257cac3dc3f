/*
 * Master and slaves (Section 2.4.3): the kernel runs on the boot processor, the master. All others,
 * the slaves, run programs, and hand a thread that enters the kernel, complete as it is, to the
 * master, which deals it out to a slave again when it is done. docs/master-slave.md tells the whole
 * of it.
 *
 * A thread that is dealt belongs to its slave alone, from the moment that it is in the slave's mail
 * until it is in the master's. The master calls it running meanwhile. It may change nothing of such
 * a thread but its signals and its priority; and the slave touches nothing of the kernel's but that
 * thread, and what is told here.
 */
#ifndef KERNEL_ORGANISATION_SMP_MASTERSLAVE_H
#define KERNEL_ORGANISATION_SMP_MASTERSLAVE_H

#define MASTER 0 /* its number */

#ifndef __ASSEMBLER__
#include <stdbool.h>
#include <stdint.h>
#include <castle/info.h>
#include "arch/ia32/cpu.h"
#include "kernel/lib/list.h"
#include "kernel/sched/thread.h"

/*
 * Looks of a slave that has nothing to do before it halts: a halt, and the interrupt that ends it,
 * would be most of what a short call costs.
 */
#define MASTERSLAVE_LOOKS 200

/* Looks for mail alone, before one for what else may come: a divisor of all numbers of looks. */
#define MAIL_GLANCES 4

/*
 * Threads on their way from one processor to another: the newest first, linked by the `next` of
 * their nodes alone. Whoever puts adds one; the receiver takes all. So no lock is needed, and no
 * node comes back while somebody holds its address.
 */
struct mail {
	struct list *volatile newest;
	/* The receiver sees nothing unless it is interrupted. */
	volatile uint32_t asks;
} __attribute__((aligned(64)));

/* What the master has of a slave. */
struct slave {
	struct mail mail;
	/* Threads that are its, in its mail, or handed over and not done with. */
	uint32_t dealt;
	volatile uint32_t kept; /* times that the master did not give a thread back at once */
	volatile bool crowded;  /* it shall hand a thread over that waits, since others are idle */
	/*
	 * What it runs; or ran last, and looks for mail. It is not freed while it runs, and a
	 * wrong priority is harmless while the slave looks.
	 */
	struct thread *volatile runs;
};

extern struct slave masterslave_slaves[CASTLE_CPUS_MAX];

/* The master's. */
extern struct mail masterslave_mail;

/*
 * Adds a thread, which is not the caller's any more. A barrier: either the caller sees `asks`, or
 * the receiver, who looks once more after it has set that, the thread. Any context.
 */
static inline void mail_put(struct mail *mail, struct thread *thread)
{
	struct list *newest = mail->newest;

	do {
		thread->queue.next = newest;
	} while (!__atomic_compare_exchange_n(&mail->newest, &newest, &thread->queue, true,
					      __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
}

/*
 * Takes all: the oldest first, linked by `next`; NULL: none. On the receiving processor. Any
 * context.
 */
static inline struct list *mail_take(struct mail *mail)
{
	struct list *node = __atomic_exchange_n(&mail->newest, NULL, __ATOMIC_SEQ_CST);
	struct list *oldest = NULL;

	while (node) {
		struct list *following = node->next;
		node->next = oldest;
		oldest = node;
		node = following;
	}
	return oldest;
}

/*
 * Takes a node that the caller has seen as the newest, if it is all there is. False: there is more.
 * On the receiving processor: only that takes, so a node that it sees stays. Any context.
 */
static inline bool mail_take_alone(struct mail *mail, struct list *node)
{
	return !node->next && __atomic_compare_exchange_n(&mail->newest, &node, NULL, false,
							  __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

/*
 * The newest within MAIL_GLANCES looks, or NULL. Nothing but looks, one after the other: what is
 * between two of them is what a message waits for, twice a call. Any context.
 */
static inline struct list *mail_glance(const struct mail *mail)
{
	cpu_pause();
	return mail->newest ?: mail->newest ?: mail->newest ?: mail->newest;
}

/* From now on who puts something interrupts. True if nothing is there yet. Any context. */
static inline bool mail_ask(struct mail *mail)
{
	(void)__atomic_exchange_n(&mail->asks, 1, __ATOMIC_SEQ_CST);
	return !mail->newest;
}

/*
 * What the master does with a thread that a slave has handed over, as the thread's continuation: a
 * system call, or an exception. A page fault's address is in the frame, in the word that pusha
 * leaves unused. Caller holds nothing (on the master); may block.
 */
int32_t masterslave_call(struct thread *thread);
int32_t masterslave_trap(struct thread *thread);

/* A slave's whole life, once it has started. At boot. */
__attribute__((noreturn)) void masterslave_slave(void);

/*
 * Has the slaves leave a container that is to be freed. Caller holds nothing (on the master).
 */
void masterslave_forget(const struct container *container);

/* Second level on a slave: another processor wants it to look. Any context. */
void masterslave_slave_look(void);

/* True if a thread of this priority or a higher one waits for this slave. Any context. */
bool masterslave_slave_has(uint32_t priority);

/* What the slaves need, of so many processors. 0 or -ENOMEM. At boot. */
int masterslave_slaves_init(uint32_t count);

/* Called by the slaves' entry code, interrupts off; the thread to go on with. Any context. */
struct thread *slave_call(struct thread *thread);
struct thread *slave_exception(struct thread *thread);
struct thread *slave_interrupt(struct thread *thread);

/* In the slaves' entry code. Any context. */
void slave_entry_int80(void);
void slave_entry_sysenter(void);
__attribute__((noreturn)) void slave_resume(struct thread *thread);
extern const uint32_t slave_stubs[];
#endif

#endif
