/*
 * getpid: the cost of a null system call (Table 4.2 of the thesis) by both ways into the kernel and
 * by the C library's function, the loop around it included.
 */
#include "common/bench.h"

#include <castle/castle.h>
#include <unistd.h>

#define CALLS 1000

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

static void getpid_library(uint32_t count)
{
	for (; count > 0; count--)
		getpid();
}

int main(int argc, char **argv)
{
	bench_start(argc, argv, "getpid", "The null system call: int 0x80, sysenter, C library.");
	bench_check(castle_call0(CASTLE_CALL_getpid) == castle_int80_call0(CASTLE_CALL_getpid) &&
			    getpid() == castle_call0(CASTLE_CALL_getpid) && getpid() > 0,
		    "getpid");
	bench_measure("int80", CALLS, getpid_int80);
	if (castle_kernel_page()->sysenter)
		bench_measure("sysenter", CALLS, getpid_sysenter);
	bench_measure("library", CALLS, getpid_library);
	return 0;
}
