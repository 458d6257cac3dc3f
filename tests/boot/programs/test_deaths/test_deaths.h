/*
 * The parts of test_deaths, and what they share: a victim is a process whose threads do something
 * when it ends, in one of several ways.
 */
#ifndef TESTS_BOOT_TEST_DEATHS_H
#define TESTS_BOOT_TEST_DEATHS_H

#include <stdint.h>

#define VICTIM_THREADS 3

typedef void *(*thread_function)(void *);

/* The number of processes that there are. */
int process_count(void);

/* Their number, once orphans have left and init has waited for them: as expected, or after a while.
 */
int processes_awaited(int expected);

/* Starts a thread; the process ends with status 100 if there cannot be one. */
void start_thread(thread_function function, void *argument);

/* A thread says that it is there; the first one waits for so many. */
void say_there(void);
void await_there(uint32_t count);

/* Spins for a random time, of up to so many microseconds. */
void random_delay(uint32_t microseconds);
uint32_t random_below(uint32_t limit);
void random_seed(uint32_t seed);

/* How a victim ends, from the outside or from the inside; the status to expect. */
struct ending {
	const char *name;
	void (*inside)(
		void); /* called by the victim's last thread; null: killed from the outside */
	int status;
};
extern const struct ending endings[];
extern const uint32_t ending_count;

/* Removes what victims leave behind outside themselves; called when one has ended. */
extern void (*victim_clean)(void);

/*
 * So many rounds of a victim whose `threads` threads run `function`, with their number for an
 * argument, ending after up to `delay` microseconds. Tests the status, that no process is left
 * behind and that every page has come back.
 */
void test_victim(const char *name, thread_function function, uint32_t threads, uint32_t delay,
		 const struct ending *ending, int rounds);

void test_waits(void);
void test_calls(void);

/* The part of it in which threads make all calls at once, so many times. */
void test_all_calls(int rounds);

/* So many rounds of each; 0: as many as usual. */
void test_races(int rounds);

#endif
