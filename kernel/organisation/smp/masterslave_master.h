/*
 * The master's part of kernel/organisation/smp/masterslave.h: what serving (masterslave_master.c)
 * and dealing (masterslave_deal.c) have of each other. All of it is the master's alone.
 *
 * Contract of all functions here: Caller holds nothing.
 */
#ifndef KERNEL_ORGANISATION_SMP_MASTERSLAVE_MASTER_H
#define KERNEL_ORGANISATION_SMP_MASTERSLAVE_MASTER_H

#include "kernel/organisation/smp/masterslave.h"
#include "kernel/sched/placement.h"

extern const struct placement_policy masterslave_placement;

/* Whether the master runs programs when it has nothing to serve. */
extern bool masterslave_master_runs;

/* Threads that may run their programs on the master; those that it serves wait in ready_threads. */
extern struct ready_queue masterslave_programs;

/* Slaves with no thread at all, a bit each. */
extern uint32_t masterslave_free_slaves;

/* The thread that is served, while its slave counts it as one of its own; NULL: none. */
extern struct thread *masterslave_serving;

/* At boot. */
void masterslave_deal_init(void);

/* Has the slave look. */
void masterslave_slave_interrupt_send(uint32_t cpu);

/* Whether the slave must be interrupted for a thread that is, or has been, put into its mail. */
bool masterslave_is_more_urgent(const struct thread *thread, const struct slave *slave);

/* A processor has nothing to do: a slave with several threads hands one over that waits. */
void masterslave_relieve(void);

/* The thread that is served stays for longer, or goes elsewhere. */
void masterslave_serving_end(void);

/* Puts a thread among those that may run their programs here. */
void masterslave_keep(struct thread *thread);

/*
 * Gives a thread that has nothing left to do in the kernel to a slave, if it is for one; else false
 * is returned, or it is kept.
 */
bool masterslave_deal_out(struct thread *thread);
void masterslave_deal(struct thread *thread);

#endif
