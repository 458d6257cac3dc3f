/*
 * A program may make any request at any time, and write anything into the area that it shares with
 * the application kernel while that is in use. Both may end badly for its own threads, and for
 * nobody else.
 */
#include "../common/tap.h"
#include "pair.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TIME_US 300000
#define PAIRS   4

static uint32_t random_state;

/* xorshift32 (Marsaglia, "Xorshift RNGs", 2003). */
static uint32_t random_next(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state;
}

static volatile uint32_t *victim; /* the area of the pair that is disturbed */

static void overwrite_area(void)
{
	for (uint32_t value = 1;; value = value * 1664525 + 1013904223)
		for (uint32_t i = 0; i < sizeof(struct castle_apkern_area) / sizeof *victim; i++)
			victim[i] = value >> (i & 15);
}

static void call_again(void)
{
	for (;;)
		marker(1);
}

static int id_request(const struct pair *pair, uint32_t request)
{
	return castle_call3(CASTLE_CALL_ioctl, pair->fd, request, pair->id);
}

/* Serves a pair whose area an application thread overwrites all the time. */
static void serve_while_overwritten(void)
{
	const struct pair pair = pair_start(call_again),
			  other = pair_create(pair.fd, overwrite_area);
	struct castle_apkern_registers registers;

	victim = (volatile uint32_t *)pair.area;
	id_request(&other, CASTLE_APKERN_THREAD_START);
	for (;;) {
		id_request(&pair, CASTLE_APKERN_WAIT);
		id_request(&pair, CASTLE_APKERN_THREAD_ACTIVATE);
		id_request(&pair, CASTLE_APKERN_ACTIVATE_AND_WAIT);
		pair_registers(&pair, CASTLE_APKERN_GENERAL | CASTLE_APKERN_STOP, &registers);
		id_request(&pair, CASTLE_APKERN_THREAD_START);
	}
}

/* An argument that may be right: a thread, an area, registers, or none of these. */
static uint32_t any_argument(const struct pair *pairs, struct castle_apkern_registers *registers)
{
	const struct pair *pair = &pairs[random_next() % PAIRS];

	for (uint32_t i = 0; i < sizeof *registers / sizeof(uint32_t); i++)
		((uint32_t *)registers)[i] = random_next();
	registers->thread = pair->id;
	registers->eip = (uintptr_t)call_again;
	switch (random_next() % 5) {
	case 0:
		return (uintptr_t)pair->area;
	case 1:
		return (uintptr_t)registers;
	case 2:
		return random_next();
	default:
		return pair->id;
	}
}

/* Most are the driver's, in any order; only waits are left out, since nobody would end them. */
static uint32_t any_request(void)
{
	uint32_t request = CASTLE_APKERN_THREAD_CREATE + random_next() % 9;

	if (random_next() % 16 == 0)
		request = random_next();
	if (request == CASTLE_APKERN_WAIT || request == CASTLE_APKERN_ACTIVATE_AND_WAIT)
		request = CASTLE_APKERN_THREAD_ACTIVATE;
	return request;
}

static void make_any_request(void)
{
	struct castle_apkern_registers registers;
	struct pair pairs[PAIRS];

	pairs[0] = pair_start(call_again);
	for (unsigned i = 1; i < PAIRS; i++)
		pairs[i] = pair_create(pairs[0].fd, call_again);
	for (;;) {
		const uint32_t argument = any_argument(pairs, &registers);
		castle_call3(CASTLE_CALL_ioctl, pairs[0].fd, any_request(), argument);
	}
}

/* Another sequence of requests for each of them. */
static void run_and_kill(void (*function)(void), uint32_t seed)
{
	const pid_t pid = fork();

	if (pid == 0) {
		random_state = seed;
		function();
	}
	usleep(TIME_US);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void test_harmless(void (*function)(void), const char *name)
{
	const int before = threads_known();
	long memory;

	run_and_kill(function, 1);
	run_and_kill(function, 2); /* caches fill */
	memory = free_pages();
	for (uint32_t seed = 3; seed < 8; seed++)
		run_and_kill(function, seed);
	ok_is(threads_known(), before, name);
	ok_memory_is(memory, "and loses no memory");
}

void test_anything(void)
{
	test_harmless(serve_while_overwritten, "an area that is overwritten leaves no thread");
	test_harmless(make_any_request, "any requests in any order leave no thread");
}
