/*
 * The account of time: cycles in user mode, in the kernel and idle, from the cycle counter at
 * kernel entry and exit (the measurement behind Table 3.1). Off unless a program turned it on, and
 * then it counts for the whole processor.
 */
#ifndef KERNEL_CORE_ACCOUNT_H
#define KERNEL_CORE_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>
#include "arch/ia32/cpulocal.h"

/* Tested by the entry code. */
extern CPU_LOCAL volatile bool account_running;

/* Called by the entry code, only while the account runs. */
void account_enter(void);
void account_leave(void);

/* Called by the idle loop at all times. */
void account_idle_begin(void);
void account_idle_end(void);

int32_t sys_account(uint32_t command, uint32_t account);

#endif
