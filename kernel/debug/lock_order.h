/*
 * The lock-order checker of DEBUG=1 builds. Every processor keeps a stack of the locks that it
 * holds; the orders in which classes of locks are taken make up a graph (lock_graph.h). What
 * contradicts an order is reported the first time that it is done, with both stacks, on one
 * processor too and whether or not anybody waits. Without DEBUG=1 all of this is nothing.
 *
 * A new kind of lock takes a class and two calls:
 *
 *	LOCK_CLASS(pipe_lock_class, pipe, 0);                  in the file that has the lock
 *
 *	lock_order_acquire(&pipe_lock_class, &pipe->lock);     before waiting for it
 *	lock_order_release(&pipe_lock_class, &pipe->lock);     before giving it up
 *
 * The second word is the lock's domain (kernel/lock/domains.h), whose rank says where in the order
 * of all locks this one belongs; what is taken against the ranks is reported even if nobody ever
 * took both the other way round. Locks that guard the same kind of thing are one class; `lock`
 * tells them apart, and is nothing but an address. A lock that is read by several and written by
 * one says the same for readers as for writers: a reader waits behind a writer who waits, so the
 * same orders are dangerous, and each reader has the lock on its own processor's stack. Where locks
 * are left out, on one processor, the calls may stay: orders are learnt there, too.
 *
 * Contract of all functions here: Any context.
 */
#ifndef KERNEL_DEBUG_LOCK_ORDER_H
#define KERNEL_DEBUG_LOCK_ORDER_H

#ifdef CASTLE_DEBUG
#include <stdbool.h>
#include <stdint.h>
#include "arch/ia32/cpulocal.h"
#include "kernel/lock/domain.h"

/* What a class may be allowed; the sum of these. */
enum lock_property {
	LOCK_RECURSIVE = 1,  /* who holds one may take it again */
	LOCK_OF_KERNEL = 2,  /* the scheduler and the way out of the kernel give it up */
	LOCK_OPENS = 4,      /* interrupts are served while a processor waits for it */
	LOCK_BY_ADDRESS = 8, /* several may be held, taken in the order of their addresses */
	LOCK_EVENT = 16,     /* no lock, but waited for like one */
	LOCK_NESTS = 32, /* several may be held, and given up, in an order that the code knows */
};

struct lock_class {
	const char *name;
	uint32_t properties;
	uint32_t rank;     /* enum lock_rank; 0: any order that does not contradict itself */
	uint32_t number;   /* in the graph, from 1; 0: not yet there */
	uint32_t reported; /* kinds of fault that have been reported, a bit each */
};

#define LOCK_CLASS(variable, domain, properties)                                           \
	struct lock_class variable UNGUARDED("the checker's own") = { #domain, properties, \
								      LOCK_RANK_##domain, 0, 0 }

/* A class without a place in the order: events, and the locks of tests. */
#define LOCK_CLASS_UNRANKED(variable, name, properties) \
	struct lock_class variable UNGUARDED("the checker's own") = { name, properties, 0, 0, 0 }

/* Where something was done: the return addresses on the stack, the innermost first; 0 ends them. */
#define LOCK_TRACE_DEPTH 10

struct lock_trace {
	uint32_t cpu;
	uint32_t addresses[LOCK_TRACE_DEPTH];
};

struct held_lock {
	struct lock_class *class;
	const volatile void *lock;
	uint32_t depth; /* times that it has been taken again */
	struct lock_trace taken;
};

#define LOCKS_HELD_MAX 12

/* The locks that one processor holds or waits for, in the order of taking. */
struct held_locks {
	uint32_t count;
	uint32_t cpu;
	void (*hand_over)(
		void); /* tells the processor that has the console; NULL: it is this one */
	struct held_lock locks[LOCKS_HELD_MAX];
};

/* Those of this processor in the kernel; an application processor has its own elsewhere. */
extern CPU_LOCAL struct held_locks held_locks;

/* Before the first lock on a processor; `held` where all processors see it. */
void lock_order_processor_init(struct held_locks *held, uint32_t cpu, void (*hand_over)(void));

/* That of processor `cpu`; NULL: it has none. */
struct held_locks *lock_order_processor(uint32_t cpu);

/* Before waiting for a lock, or for what LOCK_EVENT stands for. */
void lock_order_acquire(struct lock_class *class, const volatile void *lock);

/* What others wait for as an event begins here, without waiting. */
void lock_order_begin(struct lock_class *class);

/* Before a lock is given up; after an event. */
void lock_order_release(struct lock_class *class, const volatile void *lock);

/* The caller touches what the lock guards. */
void lock_order_expect(struct lock_class *class, const volatile void *lock);

/* The caller touches what a lock of this class guards, and holds one. */
void lock_order_expect_class(struct lock_class *class);

/*
 * The caller touches what `domain` stands for: it is not in a first-level handler, is on a
 * processor of the kernel's, and, if `locked`, holds the lock that is LOCK_OF_KERNEL.
 */
void lock_order_expect_kernel(struct lock_class *domain, bool locked);

/* Another thread is chosen, or the processor waits: no lock may be held, but LOCK_OF_KERNEL. */
void lock_order_sleep(void);

/* The way out to user mode: gives up `lock`, unless `class` is NULL, and then as above. */
void lock_order_leave(struct lock_class *class, const volatile void *lock);

/* Around first-level interrupt handlers that may come in the middle of the kernel. */
void lock_order_interrupt_begin(void);
void lock_order_interrupt_end(void);

/* On the processor that has the console: shows what another one may have handed over. */
void lock_report_check(void);

#else
struct lock_class;
struct held_locks {
};

#define LOCK_CLASS(variable, domain, properties)        struct lock_class
#define LOCK_CLASS_UNRANKED(variable, name, properties) struct lock_class
#define lock_order_processor_init(held, cpu, hand_over) ((void)0)
#define lock_order_acquire(class, lock)                 ((void)0)
#define lock_order_begin(class)                         ((void)0)
#define lock_order_release(class, lock)                 ((void)0)
#define lock_order_expect(class, lock)                  ((void)0)
#define lock_order_sleep()                              ((void)0)
#define lock_order_leave(class, lock)                   ((void)0)
#define lock_order_interrupt_begin()                    ((void)0)
#define lock_order_interrupt_end()                      ((void)0)
#define lock_report_check()                             ((void)0)
#endif

#endif
