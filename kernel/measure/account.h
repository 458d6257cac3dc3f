/*
 * The account of time: cycles in user mode, in the kernel, spinning and idle, from the cycle
 * counter at kernel entry and exit (the measurement behind Table 3.1). Off unless a program turned
 * it on, and then it counts for all processors, each on its own.
 *
 * Contract of all functions here: Any context, on the processor whose account it is.
 */
#ifndef KERNEL_MEASURE_ACCOUNT_H
#define KERNEL_MEASURE_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>
#include <castle/info.h>
#include "arch/ia32/cpulocal.h"

/* Tested by the entry code. */
extern CPU_LOCAL volatile bool account_running;

/* Some processor's account has been started, or the event log wants to know of idling. */
extern volatile bool account_watches_idling;

/* This processor's counts. */
extern CPU_LOCAL struct castle_account cpu_account;

/* Adds the cycles since the last change of state to `*cycles`, a member of cpu_account. */
void account_charge(uint64_t *cycles);

/*
 * When it last charged something, while it runs; else now. For the event log, so that both agree.
 */
uint64_t account_time(void);

/* Called by the entry code, only while the account runs. */
void account_enter(void);
void account_leave(void);

/*
 * Called by the idle loop at all times. An organisation may have something else done first, by a
 * function in the place of account_idle_begin(); that ends with account_idle_begin_now().
 */
void account_idle_begin(void);
void account_idle_begin_now(void);
void account_idle_end(void);

/* Starts and stops this processor's account; `*cycles` is charged with the time up to now. */
void account_start(void);
void account_stop(uint64_t *cycles);

/* What has been counted in the last run, or so far. Caller holds nothing. */
void account_profile(struct castle_lock_profile *profile);

/* CASTLE_ACCOUNT_*. Caller holds nothing. */
int32_t sys_account(uint32_t command, uint32_t argument);

#endif
