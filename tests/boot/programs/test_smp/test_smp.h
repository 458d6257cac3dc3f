/*
 * The parts of test_smp, and what they share.
 */
#ifndef TESTS_BOOT_TEST_SMP_H
#define TESTS_BOOT_TEST_SMP_H

#include "../common/cpus.h"
#include "../common/tap.h"

#include <stdint.h>
#include <sys/types.h>

#define PROGRAM "/bin/test_smp"

/* Cycles of so many milliseconds, as the kernel measured them. */
uint64_t cycles_of(uint32_t milliseconds);

/* Waits for a process; its status, or -1. */
int status_of(pid_t pid);

/* That those of a lower priority give way, alone. */
void test_giving_way(void);
void test_parallel(void);
void test_affinity(void);
void test_wakeups(void);
void test_killing(void);
void test_signals(void);
void test_account(void);
void test_sharing(void);

#endif
