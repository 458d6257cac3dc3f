/*
 * multiprogramming: a mix of programs, all started at once, until the last one has ended (Section
 * 4.5.2 and Figure 4.7 of the thesis). The programs differ in how much of their time they spend in
 * the kernel.
 */
#include "common/bench.h"
#include "common/commands.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#define ROUNDS        1
#define PROCESSES_MAX 64
#define KINDS_MAX     16
#define NAMES_SIZE    96

struct process {
	const struct bench_command *command;
	pid_t pid;
	int status;
	uint64_t end;
};

static const struct bench_command *commands[KINDS_MAX];
static uint32_t command_count;
static uint32_t copies = 1;
static struct process processes[PROCESSES_MAX];
static uint32_t process_count;

static int add_command(const char *name)
{
	if (command_count == KINDS_MAX)
		return 0;
	commands[command_count] = bench_command_named(name);
	return commands[command_count++] != NULL;
}

static int set_commands(const char *value)
{
	char text[NAMES_SIZE];

	if (strlen(value) >= sizeof text)
		return 0;
	strcpy(text, value);
	command_count = 0;
	for (char *name = strtok(text, ","); name; name = strtok(NULL, ","))
		if (!add_command(name))
			return 0;
	return command_count > 0;
}

static int set_copies(const char *value)
{
	return bench_read_number(value, 1, PROCESSES_MAX, &copies);
}

static const struct bench_option options[] = {
	{ "-c", "COMMANDS", "such as gzip,tcc,find; all that are in the image unless told",
	  set_commands },
	{ "-k", "COPIES", "how many processes of each; 1 unless told", set_copies },
};

static const struct bench_program program = {
	.name = "multiprogramming",
	.description = "A mix of programs at once: the time until the last one has ended.",
	.rounds = ROUNDS,
	.options = options,
	.option_count = sizeof options / sizeof *options,
};

static void choose_all(void)
{
	for (const struct bench_command *command = bench_commands; command->name; command++)
		if (!command->only_named && bench_command_is_there(command))
			commands[command_count++] = command;
}

/* The processes to run: one of each command, and again until there are enough copies. */
static void make_list(void)
{
	bench_check(command_count * copies <= PROCESSES_MAX, "so many processes");
	for (uint32_t copy = 0; copy < copies; copy++)
		for (uint32_t i = 0; i < command_count; i++)
			processes[process_count++].command = commands[i];
}

static struct process *process_of(pid_t pid)
{
	for (uint32_t i = 0; i < process_count; i++)
		if (processes[i].pid == pid)
			return &processes[i];
	return NULL;
}

/*
 * Each round begins with another process: which processor a program gets, and what runs beside it,
 * depends on the order.
 */
static uint64_t measure(uint32_t round)
{
	const uint64_t start = bench_cycles();
	uint64_t end = start;

	for (uint32_t turn = 0; turn < process_count; turn++) {
		const uint32_t i = (round + turn) % process_count;
		processes[i].pid = bench_command_start(processes[i].command, i);
	}
	for (uint32_t i = 0; i < process_count; i++) {
		int status;
		struct process *process = process_of(wait(&status));
		end = bench_cycles();
		bench_check(process != NULL, "wait");
		process->status = status;
		process->end = end - start;
	}
	for (uint32_t i = 0; i < process_count; i++)
		bench_command_check(processes[i].command, i, processes[i].status);
	return end - start;
}

static void set_parameters(void)
{
	char names[NAMES_SIZE] = "";

	for (uint32_t i = 0; i < command_count; i++) {
		strlcat(names, i ? "," : "", sizeof names);
		strlcat(names, commands[i]->name, sizeof names);
	}
	bench_parameters("\"processes\":%lu,\"commands\":\"%s\"", (unsigned long)process_count,
			 names);
}

/* Of the rounds, which bench_median() has sorted. */
static void report_mean(const uint64_t *cycles)
{
	const uint32_t rounds = bench_rounds();
	uint64_t sum = 0;

	for (uint32_t i = 0; i < rounds; i++)
		sum += cycles[i];
	bench_report("mean", sum / rounds, cycles[0], cycles[rounds - 1], 1, NULL);
}

/* When each process of the last round ended. */
static void show_ends(void)
{
	for (uint32_t i = 0; i < process_count; i++)
		printf("    %-22s %10llu\n", processes[i].command->name,
		       (unsigned long long)processes[i].end);
}

static void prepare(void)
{
	for (uint32_t i = 0; i < command_count; i++) {
		bench_check(bench_command_is_there(commands[i]), commands[i]->name);
		if (commands[i]->prepare)
			commands[i]->prepare();
	}
}

static void clean_up(void)
{
	for (uint32_t i = 0; i < command_count; i++)
		if (commands[i]->clean_up)
			commands[i]->clean_up();
}

int main(int argc, char **argv)
{
	static uint64_t cycles[BENCH_ROUNDS_MAX];

	bench_start_options(argc, argv, &program);
	bench_commands_start();
	if (command_count == 0)
		choose_all();
	make_list();
	set_parameters();
	prepare();
	for (uint32_t i = 0; i < bench_rounds(); i++)
		cycles[i] = measure(i);
	clean_up();
	bench_table_head();
	bench_report_rounds("cycles", cycles, 1);
	report_mean(cycles);
	show_ends();
	return 0;
}
