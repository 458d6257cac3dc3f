/*
 * getpid: the cost of a null system call (Table 4.2 of the thesis) by both ways into the kernel and
 * by the C library's function, the loop around it included; and by int 0x80 after some computing,
 * when whoever answers it may have gone to sleep.
 */
#include "common/bench.h"

#include <castle/castle.h>
#include <unistd.h>

#define CALLS 1000
#define TURNS 1000 /* of computing before a call that stands apart */

static void getpid_int80(uint32_t count)
{
	for (; count > 0; count--)
		castle_int80_call0(CASTLE_CALL_getpid);
}

static void getpid_sysenter(uint32_t count)
{
	for (; count > 0; count--)
		castle_call0(CASTLE_CALL_getpid);
}

/* As programs make calls: after some computing, which is measured by itself and taken off. */
static void compute(uint32_t count)
{
	for (; count > 0; count--)
		for (uint32_t turn = TURNS; turn > 0; turn--)
			__asm__ volatile("");
}

static void compute_and_call(uint32_t count)
{
	for (; count > 0; count--) {
		compute(1);
		castle_int80_call0(CASTLE_CALL_getpid);
	}
}

static uint64_t cycles_of(void (*what)(uint32_t))
{
	const uint64_t start = bench_cycles();

	what(CALLS);
	return bench_cycles() - start;
}

static void measure_apart(void)
{
	static uint64_t figures[BENCH_ROUNDS_MAX];
	const uint32_t rounds = bench_rounds();

	compute_and_call(CALLS);
	for (uint32_t i = 0; i < rounds; i++) {
		const uint64_t without = cycles_of(compute), with = cycles_of(compute_and_call);
		figures[i] = with > without ? (with - without) / CALLS : 0;
	}
	const uint64_t median = bench_median(figures, rounds);
	bench_report("apart", median, figures[0], figures[rounds - 1], CALLS, NULL);
}

static void getpid_library(uint32_t count)
{
	for (; count > 0; count--)
		getpid();
}

int main(int argc, char **argv)
{
	bench_start(
		argc, argv, "getpid",
		"The null system call: int 0x80, sysenter, C library, int 0x80 after computing.");
	bench_check(castle_call0(CASTLE_CALL_getpid) == castle_int80_call0(CASTLE_CALL_getpid) &&
			    getpid() == castle_call0(CASTLE_CALL_getpid) && getpid() > 0,
		    "getpid");
	bench_measure("int80", CALLS, getpid_int80);
	if (castle_kernel_page()->sysenter)
		bench_measure("sysenter", CALLS, getpid_sysenter);
	bench_measure("library", CALLS, getpid_library);
	measure_apart();
	return 0;
}
