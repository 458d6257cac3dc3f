/*
 * TATP (docs/database.md): fills the tables, has processes make transactions on them, and prints
 * what each kind costs and how many there are in a million cycles. In the end it looks whether all
 * rows still fit together.
 */
#include "../bench/common/bench.h"
#include "../bench/common/processes.h"
#include "tatp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SUBSCRIBERS_MAX 1000000

static const struct bench_program program = { .name = "tatp", .rounds = 1 };

static struct tatp_settings settings = { 1000, 10000, 1, 1, 0 };
static struct tatp_outcome *outcomes; /* shared, one a process */

static __attribute__((noreturn)) void usage(int status)
{
	printf("usage: tatp [-n SUBSCRIBERS] [-t TRANSACTIONS] [-p PROCESSES] [-s SEED] [-r "
	       "TOGETHER]\n"
	       "The benchmark of home location registers: four tables, seven transactions.\n"
	       "SUBSCRIBERS: 1 to %d (1000)\nTRANSACTIONS: of each process (10000)\n"
	       "PROCESSES: at once (1)\nSEED: of the random numbers (1)\n"
	       "TOGETHER: the database is replicated, and a process waits once for so many\n"
	       "transactions until other nodes have them (`replicate tatp ...` runs)\n",
	       SUBSCRIBERS_MAX);
	exit(status);
}

static void read_option(const char *name, const char *text)
{
	static const struct {
		char name;
		uint32_t *number;
		uint32_t least, most;
	} options[] = {
		{ 'n', &settings.subscribers, 1, SUBSCRIBERS_MAX },
		{ 't', &settings.transactions, 1, UINT32_MAX },
		{ 'p', &settings.processes, 1, 30 }, /* the database has slots for 32 */
		{ 's', &settings.seed, 0, UINT32_MAX },
		{ 'r', &settings.together, 1, 100 }, /* the log must have room for so many */
	};

	for (unsigned i = 0; i < sizeof options / sizeof *options; i++)
		if (name[0] == '-' && name[1] == options[i].name && !name[2] && text &&
		    bench_read_number(text, options[i].least, options[i].most, options[i].number))
			return;
	usage(2);
}

static void prepare(const void *argument, uint32_t process)
{
	(void)argument, (void)process;
	if (settings.processes > 1)
		bench_check(store_open() == 0, "opening the database");
}

static void work(const void *argument, uint32_t process, void *result)
{
	(void)argument, (void)result;
	tatp_run(&settings, process, &outcomes[process]);
}

static void add_up(struct tatp_outcome *sum)
{
	for (uint32_t i = 0; i < settings.processes; i++) {
		if (outcomes[i].error)
			sum->error = outcomes[i].error;
		for (unsigned kind = 0; kind < TRANSACTIONS; kind++) {
			sum->counts[kind] += outcomes[i].counts[kind];
			sum->succeeded[kind] += outcomes[i].succeeded[kind];
			sum->cycles[kind] += outcomes[i].cycles[kind];
		}
	}
}

static void print_kinds(const struct tatp_outcome *sum, uint32_t *all, uint64_t *cycles)
{
	printf("%-24s %10s %10s %10s\n", "tatp", "count", "succeeded", "cycles");
	for (unsigned kind = 0; kind < TRANSACTIONS; kind++) {
		const uint32_t count = sum->counts[kind];
		const uint64_t each = count ? (sum->cycles[kind] + count / 2) / count : 0;

		printf("  %-22s %10lu %10lu %10llu\n", tatp_names[kind], (unsigned long)count,
		       (unsigned long)sum->succeeded[kind], (unsigned long long)each);
		if (count)
			bench_record(tatp_names[kind], each, each, each, count, NULL);
		*all += count;
		*cycles += sum->cycles[kind];
	}
}

static void print_outcome(const struct tatp_outcome *sum, uint64_t cycles)
{
	uint32_t all = 0;
	uint64_t spent = 0, each, rate;

	print_kinds(sum, &all, &spent);
	each = (spent + all / 2) / all;
	rate = all * 1000000ull / cycles;
	printf("  %-22s %10lu %10s %10llu\n", "all", (unsigned long)all, "",
	       (unsigned long long)each);
	printf("%lu processes: %llu transactions in a million cycles\n",
	       (unsigned long)settings.processes, (unsigned long long)rate);
	bench_record("transaction", each, each, each, all, NULL);
	bench_record("cycles", cycles, cycles, cycles, all, NULL);
	bench_record("throughput", rate, rate, rate, all, "transactions/10^6 cycles");
}

/* What came and went must be what is more or less there than before. */
static void check_content(const struct tatp_content *before, const struct tatp_outcome *sum)
{
	struct tatp_content after;

	bench_check(tatp_look(&settings, &after) == 0, "looking at all rows");
	errno = 0;
	bench_check(after.rows[CALL_FORWARDING] == before->rows[CALL_FORWARDING] +
							   sum->succeeded[INSERT_CALL_FORWARDING] -
							   sum->succeeded[DELETE_CALL_FORWARDING],
		    "the count of call forwardings");
	for (unsigned table = SUBSCRIBER; table <= SPECIAL_FACILITY; table++)
		bench_check(after.rows[table] == before->rows[table], "the count of rows");
	printf("consistent: %lu, %lu, %lu, %lu rows, content %08lx, before %08lx\n",
	       (unsigned long)after.rows[SUBSCRIBER], (unsigned long)after.rows[ACCESS_INFO],
	       (unsigned long)after.rows[SPECIAL_FACILITY],
	       (unsigned long)after.rows[CALL_FORWARDING], (unsigned long)after.sum,
	       (unsigned long)before->sum);
}

/* One process has the tables to itself; several have a parent that waits. */
static uint64_t run_all(void)
{
	const struct bench_work all = { .prepare = prepare, .run = work };
	struct bench_run run;
	uint64_t start;

	if (settings.processes > 1) {
		bench_run_processes(&all, settings.processes, &run, NULL);
		return run.cycles;
	}
	start = bench_cycles();
	work(NULL, 0, NULL);
	return bench_cycles() - start;
}

int main(int argc, char **argv)
{
	struct tatp_outcome sum = { 0 };
	struct tatp_content before;
	uint64_t cycles;

	bench_start_options(1, argv, &program);
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		usage(0);
	for (int i = 1; i < argc; i += 2)
		read_option(argv[i], argv[i + 1]);
	bench_parameters("\"subscribers\":%lu,\"processes\":%lu",
			 (unsigned long)settings.subscribers, (unsigned long)settings.processes);
	outcomes = mmap(NULL, settings.processes * sizeof *outcomes, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	bench_check(outcomes != MAP_FAILED, "memory for the outcomes");
	bench_check(store_make(&settings) == 0, "making the database");
	bench_check(tatp_populate(&settings) == 0, "filling the database");
	bench_check(tatp_look(&settings, &before) == 0, "looking at all rows");
	cycles = run_all();
	add_up(&sum);
	errno = -sum.error;
	bench_check(!sum.error, "a transaction");
	print_outcome(&sum, cycles);
	check_content(&before, &sum);
	store_remove();
	return 0;
}
