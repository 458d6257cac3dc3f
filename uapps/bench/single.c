/*
 * single: one program as a process, from its start to its end, for the comparison of modes that
 * Section 4.5.2 and Table 4.3 of the thesis make: find, gzip (164.gzip), tcc (176.gcc).
 */
#include "common/bench.h"
#include "common/commands.h"
#include "common/tree.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#define ROUNDS 1

static const struct bench_command *command;

static int set_command(const char *value)
{
	command = bench_command_named(value);
	return command != NULL;
}

static const struct bench_option options[] = {
	{ "-c", "COMMAND",
	  "find (a tree of files), gzip (a log), tcc (a C file), lua (a script), radix, fft, lu",
	  set_command },
};

static const struct bench_program program = {
	.name = "single",
	.description = "One program as a process: the time from its start to its end.",
	.rounds = ROUNDS,
	.options = options,
	.option_count = sizeof options / sizeof *options,
};

static uint64_t measure(void)
{
	uint64_t start, cycles;
	int status;
	pid_t pid;

	start = bench_cycles();
	pid = bench_command_start(command, 0);
	bench_check(waitpid(pid, &status, 0) == pid, "waitpid");
	cycles = bench_cycles() - start;
	bench_command_check(command, 0, status);
	return cycles;
}

int main(int argc, char **argv)
{
	static uint64_t cycles[BENCH_ROUNDS_MAX];

	bench_start_options(argc, argv, &program);
	if (!command)
		bench_usage();
	bench_commands_start();
	bench_check(bench_command_is_there(command), command->name);
	if (command->prepare == tree_make)
		bench_parameters("\"files\":%d", TREE_FILES);
	if (command->prepare)
		command->prepare();
	for (uint32_t i = 0; i < bench_rounds(); i++)
		cycles[i] = measure();
	if (command->clean_up)
		command->clean_up();
	bench_table_head();
	bench_report_rounds(command->name, cycles, 1);
	return 0;
}
