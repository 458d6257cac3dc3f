/*
 * Commands that the benchmarks of whole programs run as processes (Section 4.5.2, Table 4.1): what
 * each one is, the input that it needs, and how its result is checked. `commands` in commands.c is
 * all there is to add to for another one.
 */
#ifndef UAPPS_BENCH_COMMON_COMMANDS_H
#define UAPPS_BENCH_COMMON_COMMANDS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define BENCH_ARGUMENTS_MAX 10
#define BENCH_OUTPUT_SIZE   32

/* In place of an argument: the path of the process's output. */
#define BENCH_OUTPUT "@output"

struct bench_command {
	const char *name;
	/* The first one is the program. Its standard output goes to the file, too. */
	const char *arguments[BENCH_ARGUMENTS_MAX];
	const char *needs;      /* a file that must be there, or null */
	void (*prepare)(void);  /* before the first process is started; or null */
	void (*clean_up)(void); /* after the last one has ended; or null */
	bool (*check)(
		const char *output); /* whether that is what it should be; null: nothing to check */
	bool only_named;             /* not in a mix of all, which Table 4.4 compares over time */
};

/* All of them; the one after the last has no name. */
extern const struct bench_command bench_commands[];

/* The command of this name; NULL if there is none. */
const struct bench_command *bench_command_named(const char *name);

/* Whether all that it needs is in this image: the program, its input. */
bool bench_command_is_there(const struct bench_command *command);

/* Goes to the folder with the commands' inputs, whose names some results have in them. */
void bench_commands_start(void);

/* Starts a process; `instance` tells apart those that run at the same time. */
pid_t bench_command_start(const struct bench_command *command, uint32_t instance);

/* Ends the benchmark if the process failed or its output is wrong; removes the output. */
void bench_command_check(const struct bench_command *command, uint32_t instance, int status);

#endif
