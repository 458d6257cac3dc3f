/*
 * The master's part of kernel/organisation/smp/masterslave.h.
 */
#ifndef KERNEL_ORGANISATION_SMP_MASTERSLAVE_MASTER_H
#define KERNEL_ORGANISATION_SMP_MASTERSLAVE_MASTER_H

#include "kernel/sched/placement.h"

extern const struct placement_policy masterslave_placement;

/* Whether the master runs programs when it has nothing to serve. */
extern bool masterslave_master_runs;

/* At boot. */
void masterslave_master_init(void);

#endif
