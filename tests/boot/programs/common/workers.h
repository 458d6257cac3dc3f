/*
 * Threads without the C library around them, so that a test knows every page they touch: a worker
 * waits until it is told to run a function, and its stack is an array of the test's. The functions
 * may use errno and the like only while the first thread waits for them.
 */
#ifndef TESTS_BOOT_COMMON_WORKERS_H
#define TESTS_BOOT_COMMON_WORKERS_H

#include <stdbool.h>
#include <stdint.h>

#define WORKER_STACK 8192

struct worker {
	uint32_t cpu;    /* that it runs on, known from the start */
	uint32_t wanted; /* how many functions it was given, and how many it has done, plus 1 */
	uint32_t done;
	uint32_t running; /* until the kernel has ended the thread */
	void (*function)(void *);
	void *argument;
	uint8_t stack[WORKER_STACK] __attribute__((aligned(16)));
};

/* Creates the thread and waits until it has told its CPU. */
bool worker_start(struct worker *worker);

/* Has the worker run a function; worker_wait() waits until that is done. */
void worker_run(struct worker *worker, void (*function)(void *), void *argument);
void worker_wait(struct worker *worker);

/* Both. */
void worker_do(struct worker *worker, void (*function)(void *), void *argument);

/* Ends the thread and waits for its end. */
void worker_end(struct worker *worker);

#endif
