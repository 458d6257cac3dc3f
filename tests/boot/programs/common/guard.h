/*
 * Children that may hang: what a test does in one of them cannot keep the others from running.
 */
#ifndef TESTS_BOOT_COMMON_GUARD_H
#define TESTS_BOOT_COMMON_GUARD_H

#include <sys/types.h>

/* Long enough for a host with much else to do: only what has failed waits so long. */
#define GUARD_MS 60000

/* Waits for a child that should end by itself, and kills it if it does not; its wait() status, or
 * GUARD_HANGS. */
#define GUARD_HANGS (-2)
int guard_wait(pid_t pid);

/* Runs `child` in a forked process; its wait() status, or GUARD_HANGS if it did not end. */
int guard_child(void (*child)(void));

/* The same, with the child's exit status: 0 to 255; any other end is 1000 and its signal, or -1
 * where it did not end. */
int guard_exit(void (*child)(void));

#endif
