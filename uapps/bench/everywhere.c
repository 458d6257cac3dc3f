/*
 * everywhere: a command in each of the machine's partitions at once, from the first one, until the
 * last has ended. What is to be done in all is divided: each partition gets its share.
 */
#include "common/bench.h"

#include <castle/partition.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS  1
#define MOST    64
#define LOOK_US 10000
#define SHARE   '%' /* in the command: how much a partition gets */
#define BLANK   '+' /* boot loaders have no quotes for command lines within command lines */

static int fd;
static uint32_t partitions;
static uint32_t whole = 1;
static const char *pattern;

static int set_partitions(const char *value)
{
	return bench_read_number(value, 1, CASTLE_PARTITIONS_MAX, &partitions);
}

static int set_whole(const char *value)
{
	return bench_read_number(value, 1, MOST, &whole);
}

static int set_command(const char *value)
{
	pattern = value;
	return 1;
}

static const struct bench_option options[] = {
	{ "-p", "PARTITIONS", "how many take part; all unless told", set_partitions },
	{ "-t", "WHOLE", "what is divided among them: a multiple of their number", set_whole },
	{ "-c", "COMMAND", "a command, with % for a partition's share and + for each blank",
	  set_command },
};

static const struct bench_program program = {
	.name = "everywhere",
	.description = "A command in each partition at once: the time until the last has ended.",
	.rounds = ROUNDS,
	.options = options,
	.option_count = sizeof options / sizeof *options,
};

static uint32_t count_partitions(void)
{
	struct castle_partition_info info = { .partition = 1 };

	while (ioctl(fd, CASTLE_PARTITION_INFO, &info) == 0)
		info.partition++;
	return info.partition - 1;
}

/* The command with its share, and without its output. */
static void make_command(char text[CASTLE_PARTITION_COMMAND_MAX])
{
	const char *const at = strchr(pattern, SHARE);
	const int before = at ? (int)(at - pattern) : (int)strlen(pattern);
	int length;

	if (at)
		length = snprintf(text, CASTLE_PARTITION_COMMAND_MAX, "%.*s%u%s >/dev/null", before,
				  pattern, (unsigned)(whole / partitions), at + 1);
	else
		length = snprintf(text, CASTLE_PARTITION_COMMAND_MAX, "%s >/dev/null", pattern);
	bench_check(length < CASTLE_PARTITION_COMMAND_MAX, "the command is too long");
	for (char *blank = text; (blank = strchr(blank, BLANK));)
		*blank = ' ';
}

static void ask(uint32_t partition, const char *text)
{
	static struct castle_partition_command command;

	command.partition = partition;
	strcpy(command.text, text);
	bench_check(ioctl(fd, CASTLE_PARTITION_ASK, &command) == 0, "ask");
}

/* When its processor has nothing else to do, it looks all the time. */
static void await_result(uint32_t partition, int looks_often)
{
	static struct castle_partition_command command;

	command.partition = partition;
	while (ioctl(fd, CASTLE_PARTITION_RESULT, &command) != 0) {
		bench_check(errno == EAGAIN, "result");
		if (!looks_often)
			usleep(LOOK_US);
	}
	bench_check(command.status == 0, "the command failed in another partition");
}

/* The partitions may still be booting when the first one has come here. */
static void await_service(uint32_t partition)
{
	static struct castle_partition_command command = { .text = "true" };

	command.partition = partition;
	while (ioctl(fd, CASTLE_PARTITION_ASK, &command) != 0) {
		bench_check(errno == ENOSYS, "ask");
		usleep(LOOK_US);
	}
	await_result(partition, 0);
}

static uint64_t measure(char *text)
{
	char *const arguments[] = { "sh", "-k", "-c", text, NULL };
	const uint64_t start = bench_cycles();
	int status;
	pid_t own;

	for (uint32_t partition = 2; partition <= partitions; partition++)
		ask(partition, text);
	bench_check(posix_spawn(&own, "/bin/minish", NULL, NULL, arguments, environ) == 0, "sh");
	bench_check(waitpid(own, &status, 0) == own && status == 0, "the command failed");
	for (uint32_t partition = 2; partition <= partitions; partition++)
		await_result(partition, 1);
	return bench_cycles() - start;
}

int main(int argc, char **argv)
{
	static char text[CASTLE_PARTITION_COMMAND_MAX];
	static uint64_t figures[BENCH_ROUNDS_MAX];

	bench_start_options(argc, argv, &program);
	fd = open(CASTLE_PARTITION_DEVICE, O_RDWR);
	bench_check(fd >= 0, CASTLE_PARTITION_DEVICE);
	if (!partitions)
		partitions = count_partitions();
	if (!pattern || (whole % partitions && strchr(pattern, SHARE)))
		bench_usage();
	make_command(text);
	for (uint32_t partition = 2; partition <= partitions; partition++)
		await_service(partition);
	bench_parameters("\"partitions\":%u", (unsigned)partitions);
	bench_table_head();
	for (uint32_t i = 0; i < bench_rounds(); i++)
		figures[i] = measure(text);
	bench_report_rounds("makespan", figures, 1);
	return 0;
}
