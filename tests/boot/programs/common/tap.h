/*
 * Test Anything Protocol for test programs, and what they share.
 */
#ifndef TESTS_BOOT_COMMON_TAP_H
#define TESTS_BOOT_COMMON_TAP_H

#include <stdbool.h>
#include <sys/types.h>

/* Reports one test. Returns `good`. */
__attribute__((format(printf, 2, 3))) bool ok(bool good, const char *name, ...);

/* The same for `value == expected`, with both shown when they differ. */
bool ok_is(long value, long expected, const char *name);

/* The call must have returned -1 with this errno, which is looked at now. */
bool ok_errno(long result, int expected, const char *name);

/* Prints the plan; the status for main() to return. */
int done_testing(void);

/* Runs `child` in a forked process; its wait() status. */
int in_child(void (*child)(void));

/* Free pages of the machine. */
long free_pages(void);

/*
 * Tests that free memory has come back to what it was, trying a while for what ends asynchronously.
 * It may be more, by what was about to end when it was looked at first: a thread that has been
 * joined, for instance.
 */
bool ok_memory_is(long expected, const char *name);

/*
 * Tests that `what` leaves free memory as it is, to the page. The program itself may get a page on
 * the way, when it migrates for the first time, for instance, but what is lost is lost each time:
 * `what` has three tries.
 */
bool ok_leaves_memory(void (*what)(void), const char *name);

#endif
