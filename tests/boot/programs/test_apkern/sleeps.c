/*
 * Threads that sleep on the application processors (apkern.local=on; else their bootstrap threads
 * are asked to, and do not): stopped and ended at the moment that they wake by themselves.
 */
#include "../common/tap.h"
#include "pair.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* So many that to end them takes a good part of a tick; each round ends them later in the tick. */
#define SLEEPERS 250
#define ROUNDS   40

#define NANOSECONDS_OF_SECOND 1000000000
#define NANOSECONDS_OF_TICK   10000000
#define ROUND_STEP            (NANOSECONDS_OF_TICK * 2 / ROUNDS)

static struct castle_timespec shortest;
/* None of which crosses a page's end. */
static struct {
	struct castle_apkern_area area;
} __attribute__((aligned(64))) places[SLEEPERS];

/* Goes to sleep again and again, without a stack. */
__attribute__((naked)) static void sleep_again(void)
{
	__asm__("1:\tmov %[nanosleep], %%eax\n\t"
		"mov %[shortest], %%ebx\n\t"
		"xor %%esi, %%esi\n\t"
		"int $0x80\n\t"
		"jmp 1b"
		:
		: [nanosleep] "i"(CASTLE_CALL_nanosleep), [shortest] "i"(&shortest));
}

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * NANOSECONDS_OF_SECOND + time.tv_nsec;
}

static struct pair sleeper_start(int fd, struct castle_apkern_area *area)
{
	struct castle_apkern_registers registers = { .eip = (uintptr_t)sleep_again };
	struct pair pair = { .fd = fd, .area = area };

	pair.id = pair_request(&pair, CASTLE_APKERN_THREAD_CREATE, area);
	pair_set_registers(&pair, CASTLE_APKERN_GENERAL, &registers);
	castle_call3(CASTLE_CALL_ioctl, fd, CASTLE_APKERN_THREAD_START, pair.id);
	return pair;
}

/* Some ticks later, at another moment of a tick in each round. */
static void wait_for_moment(int round)
{
	const int64_t end = now() + 5 * NANOSECONDS_OF_TICK + round * ROUND_STEP;

	while (now() < end)
		;
}

static void end_while_waking(int round)
{
	const int fd = device_open();

	for (int i = 0; i < SLEEPERS; i++)
		sleeper_start(fd, &places[i].area);
	wait_for_moment(round);
	close(fd);
}

static void test_end(void)
{
	const int before = threads_known();

	for (int round = 0; round < ROUNDS; round++)
		end_while_waking(round);
	ok_is(threads_known(), before, "threads that end while they wake leave nothing");
}

/* A thread that is told to stop is stopped, whether it sleeps or has just been woken. */
static bool stops_while_waking(int round)
{
	struct castle_apkern_registers registers;
	struct pair pairs[SLEEPERS];
	const int fd = device_open();
	bool good = true;

	for (int i = 0; i < SLEEPERS; i++)
		pairs[i] = sleeper_start(fd, &places[i].area);
	wait_for_moment(round);
	for (int i = 0; i < SLEEPERS; i++)
		if (pair_registers(&pairs[i], CASTLE_APKERN_STOP, &registers) < 0)
			good = false;
	close(fd);
	return good;
}

static void test_stop(void)
{
	int good = 0;

	for (int round = 0; round < ROUNDS; round++)
		good += stops_while_waking(round);
	ok_is(good, ROUNDS, "threads that are stopped while they wake are stopped");
}

void test_sleeps(void)
{
	shortest.nanoseconds = 1; /* which makes it present: a local answer needs that */
	test_stop();
	test_end();
}
