/*
 * The work of one process: a loop in user mode whose length in instructions is known, and the calls
 * into the kernel to choose from. The calls are made directly, not through the C library, so that
 * next to nothing of them runs in user mode.
 */
#include "../common/bench.h"
#include "ukratio.h"

#include <fcntl.h>
#include <stddef.h>
#include <unistd.h>

#define PATH "/tmp/ukratio"

static int pipe_ends[2];

static void call_getpid(void)
{
	castle_call0(CASTLE_CALL_getpid);
}

static void make_file(void)
{
	const int fd = open(PATH, O_WRONLY | O_CREAT, 0600);

	bench_check(fd >= 0, "create");
	close(fd);
}

static void remove_file(void)
{
	unlink(PATH);
}

static void call_stat(void)
{
	struct castle_stat status;

	bench_check(castle_call2(CASTLE_CALL_stat, (uint32_t)PATH, (uint32_t)&status) == 0, "stat");
}

static void call_open(void)
{
	const int fd = castle_call3(CASTLE_CALL_open, (uint32_t)PATH, CASTLE_O_RDONLY, 0);

	bench_check(fd >= 0 && castle_call1(CASTLE_CALL_close, fd) == 0, "open");
}

/* A pipe a process: each child makes its own at its first call. */
static void call_pipe(void)
{
	char byte = 'x';

	if (!pipe_ends[1])
		bench_check(pipe(pipe_ends) == 0, "pipe");
	bench_check(castle_call3(CASTLE_CALL_write, pipe_ends[1], (uint32_t)&byte, 1) == 1 &&
			    castle_call3(CASTLE_CALL_read, pipe_ends[0], (uint32_t)&byte, 1) == 1,
		    "pipe");
}

const struct kernel_call kernel_calls[] = {
	{ "stat", "the status of a file by its path", make_file, call_stat, remove_file },
	{ "open", "open and close of a file", make_file, call_open, remove_file },
	{ "pipe", "a byte into a pipe and out again", NULL, call_pipe, NULL },
	{ "getpid", "the shortest call there is", NULL, call_getpid, NULL },
	{ NULL, NULL, NULL, NULL, NULL },
};

static inline void loop(uint32_t turns)
{
	if (turns == 0)
		return;
	__asm__ volatile("1:\tdec %0\n\t"
			 "jnz 1b"
			 : "+r"(turns)
			 :
			 : "cc");
}

void workload_run(const struct workload *workload)
{
	void (*const call)(void) = workload->call->call;

	for (uint32_t i = workload->calls; i > 0; i--) {
		loop(workload->turns);
		call();
	}
	loop(workload->last_turns);
}
