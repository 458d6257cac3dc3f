/*
 * Pairs made by hand: the test is the bootstrap thread, and the application thread runs one of the
 * functions below it. This sees every state that a library's bootstrap thread passes through.
 */
#ifndef TEST_APKERN_PAIR_H
#define TEST_APKERN_PAIR_H

#include <castle/apkern.h>
#include <castle/castle.h>
#include <stdint.h>

struct pair {
	int fd;
	int id;
	struct castle_apkern_area *area;
};

/* A system call number that no kernel knows: only a bootstrap thread can answer it. */
#define MARKER 0x7e57

/* The application thread's side: the marker with an argument, through the interrupt gate. */
static inline uint32_t marker(uint32_t argument)
{
	uint32_t result = MARKER;

	__asm__ volatile("int $0x80" : "+a"(result) : "b"(argument) : "memory");
	return result;
}

int pair_request(const struct pair *pair, uint32_t request, const void *argument);

/* Opens the device, close-on-exec. */
int device_open(void);

/* A pair on this descriptor, its thread not started. Its id is negative if that failed. */
struct pair pair_create(int fd, void (*code)(void));

/* The same, with a descriptor of its own, started. */
struct pair pair_start(void (*code)(void));

/* Waits for a message of this kind; the result of the wait. */
int pair_wait(const struct pair *pair);

/* Takes the message and answers it, as a call's result if it was one. */
int pair_answer(const struct pair *pair, uint32_t result);

int pair_registers(const struct pair *pair, uint32_t flags,
		   struct castle_apkern_registers *registers);
int pair_set_registers(const struct pair *pair, uint32_t flags,
		       struct castle_apkern_registers *registers);

/* The number of application threads that the driver knows of; -1: cannot be had. */
int threads_known(void);

void test_anything(void);
void test_calls(void);
void test_sleeps(void);
void test_errors(void);
void test_deaths(void);
void test_processes_gone(void);

#endif
