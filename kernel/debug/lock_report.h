/*
 * Reports of the lock-order checker. A report ends in a panic, unless the command line says
 * locks.report=continue: then each is made once and the run goes on.
 */
#ifndef KERNEL_DEBUG_LOCK_REPORT_H
#define KERNEL_DEBUG_LOCK_REPORT_H

#include "kernel/debug/lock_graph.h"

enum lock_fault {
	LOCK_FAULT_ORDER,
	LOCK_FAULT_RANK,
	LOCK_FAULT_AGAIN,
	LOCK_FAULT_RELEASE_ORDER,
	LOCK_FAULT_RELEASE_ELSEWHERE,
	LOCK_FAULT_NOT_HELD,
	LOCK_FAULT_CONTEXT,
	LOCK_FAULT_SLEEP,
	LOCK_FAULT_USER,
};

struct lock_finding {
	enum lock_fault fault;
	struct held_locks *held; /* of the processor that did it */
	struct lock_class *class;
	const volatile void *lock;
	struct lock_trace here;        /* where */
	const struct held_lock *other; /* the lock that this one conflicts with; may be NULL */
	struct lock_path path;         /* the order that it contradicts, for LOCK_FAULT_ORDER */
};

/* The class that stands for the first level of interrupts. */
extern struct lock_class lock_interrupt_class;

/* locks.report=continue */
extern bool lock_report_continues;

/*
 * Makes a report, which another processor may have to show; returns with locks.report=continue
 * alone. Any context, interrupts off.
 */
void lock_report(const struct lock_finding *finding);

#endif
