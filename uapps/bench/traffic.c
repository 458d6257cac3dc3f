/*
 * traffic: telephone calls come in, and each makes a short-lived process that updates billing: the
 * traffic generator with which the coarse-grained kernel was measured that followed the thesis's.
 * `call` is a call from end to end, its process reaped, where one comes after the other;
 * `throughput` the time for each where calls come in at several lines at once; `speedup` the ratio.
 */
#include "common/bench.h"
#include "common/processes.h"
#include "traffic.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS 5

static uint32_t lines, calls = 40;
static struct traffic_account *accounts;
static uint64_t charged; /* that is to be in all accounts */
static uint32_t made;

static int set_lines(const char *value)
{
	return bench_read_number(value, 1, BENCH_PROCESSES_MAX, &lines);
}

static int set_calls(const char *value)
{
	return bench_read_number(value, 1, 100000, &calls);
}

static const struct bench_option options[] = {
	{ "-p", "LINES", "at which calls come in; as many as there are CPUs for programs",
	  set_lines },
	{ "-k", "CALLS", "at each line in a round; 40 unless told", set_calls },
};

static const struct bench_program program = {
	.name = "traffic",
	.description = "Telephone calls, each of which makes a process that updates billing.",
	.rounds = ROUNDS,
	.options = options,
	.option_count = sizeof options / sizeof *options,
};

static struct traffic_call incoming(uint32_t line, uint32_t number)
{
	uint32_t random = (line + 1) * 2654435761u + number * 40503u;
	struct traffic_call call = { .caller = (random >> 7) % TRAFFIC_SUBSCRIBERS,
				     .seconds = 1 + (random >> 3) % 600 };

	for (int i = 0; i < TRAFFIC_DIGITS; i++, random = random * 1103515245u + 12345u)
		call.digits[i] = '0' + (random >> 16) % 10;
	return call;
}

static pid_t start_process(void)
{
	char *arguments[] = { "call", NULL };
	pid_t pid;

	errno = posix_spawn(&pid, "/bin/call", NULL, NULL, arguments, NULL);
	bench_check(errno == 0, "posix_spawn");
	return pid;
}

/* One call; how many units it was charged. */
static uint32_t do_call(uint32_t line, uint32_t number)
{
	struct traffic_call call = incoming(line, number);
	struct castle_message message = { .to = start_process(),
					  .kind = TRAFFIC_SETUP,
					  .size = sizeof call };
	const pid_t pid = message.to;
	int status;

	memcpy(message.data, &call, sizeof call);
	bench_check(castle_send(&message) == pid, "set-up");
	bench_check(castle_receive(&message, 0) == 0 && message.from == pid, "release");
	memcpy(&call, message.data, sizeof call);
	bench_check(waitpid(pid, &status, 0) == pid && status == 0, "the call's process");
	return call.charged;
}

static void prepare(const void *argument, uint32_t line)
{
	(void)argument;
	do_call(line, 0);
}

static void run(const void *argument, uint32_t line, void *result)
{
	uint64_t sum = 0;

	(void)argument;
	for (uint32_t i = 0; i < calls; i++)
		sum += do_call(line, i);
	memcpy(result, &sum, sizeof sum);
}

/* Cycles for each call, with so many lines. */
static uint64_t measure(uint32_t count)
{
	static uint64_t results[BENCH_PROCESSES_MAX];
	const struct bench_work work = { .prepare = prepare,
					 .run = run,
					 .result_size = sizeof *results };
	struct bench_run of;

	bench_run_processes(&work, count, &of, results);
	for (uint32_t i = 0; i < count; i++)
		charged += results[i];
	made += count * calls;
	return of.cycles / (count * calls);
}

static uint64_t rounds(uint32_t count, const char *metric)
{
	static uint64_t figures[BENCH_ROUNDS_MAX];

	for (uint32_t i = 0; i < bench_rounds(); i++)
		figures[i] = measure(count);
	bench_report_rounds(metric, figures, bench_rounds());
	return bench_median(figures, bench_rounds());
}

static void make_billing(void)
{
	const size_t size = TRAFFIC_SUBSCRIBERS * sizeof *accounts;
	const int fd = open(TRAFFIC_BILLING, O_RDWR | O_CREAT | O_TRUNC, 0600);

	bench_check(fd >= 0 && ftruncate(fd, size) == 0, "the billing database");
	accounts = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	bench_check(accounts != MAP_FAILED, "the billing database in memory");
}

/* What is in the accounts is what calls were told, and that of those that warmed up. */
static void check(void)
{
	uint64_t sum = 0, count = 0;

	for (uint32_t i = 0; i < TRAFFIC_SUBSCRIBERS; i++) {
		sum += accounts[i].charged;
		count += accounts[i].calls;
	}
	bench_check(count >= made && sum >= charged, "billing: calls are missing");
	bench_check(count == made + bench_rounds() * (lines == 1 ? 1 : lines + 1),
		    "billing: how many calls");
}

int main(int argc, char **argv)
{
	uint64_t one, all;

	bench_start_options(argc, argv, &program);
	if (!lines)
		lines = castle_program_cpus();
	make_billing();
	bench_table_head();
	bench_parameters("\"lines\":1");
	one = rounds(1, "call");
	if (lines > 1) {
		bench_parameters("\"lines\":%lu", (unsigned long)lines);
		all = rounds(lines, "throughput");
		bench_record_ratio("speedup", one * 1000 / all, one * 1000 / all, one * 1000 / all,
				   1);
		printf("    speed-up %22llu.%02llu\n", (unsigned long long)(one / all),
		       (unsigned long long)(one * 100 / all % 100));
	}
	check();
	unlink(TRAFFIC_BILLING);
	return 0;
}
