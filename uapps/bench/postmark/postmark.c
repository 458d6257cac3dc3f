/*
 * postmark: many small files that come and go, as on a server for mail or news; Section 2.3.1 of
 * the thesis measures with it how far kernels let file operations run at once. Each process has a
 * directory and a pool of files of its own.
 *
 * What is measured is all of it, the making and deleting of the pool included, and the transactions
 * alone. What is read is compared with what was written, each directory must be empty in the end,
 * and the counts must add up.
 */
#include "../common/bench.h"
#include "../common/processes.h"
#include "postmark.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROUNDS          1
#define FILES_MAX       1000000
#define SIZE_MAX_FILE   (16 << 20)
#define DIRECTORY       "/tmp/postmark"
#define PATH_SIZE       32
#define DEFAULT_BLOCK   512
#define PARAMETERS_SIZE 32

/* Section 2.3.1: 10,000 transactions on 1,000 files of 100 bytes, in 8 processes. */
static struct settings settings = {
	.processes = 8,
	.files = 1000,
	.transactions = 10000,
	.size_least = 100,
	.size_most = 100,
	.seed = 42,
	.read_bias = BIAS_ALL / 2,
	.create_bias = BIAS_ALL / 2,
	.read_block = DEFAULT_BLOCK,
	.write_block = DEFAULT_BLOCK,
	.buffered = true,
};

static int set_processes(const char *value)
{
	return bench_read_number(value, 1, BENCH_PROCESSES_MAX, &settings.processes);
}

static int set_files(const char *value)
{
	return bench_read_number(value, 1, FILES_MAX, &settings.files);
}

static int set_transactions(const char *value)
{
	return bench_read_number(value, 1, FILES_MAX, &settings.transactions);
}

/* SIZE or LEAST-MOST. */
static int set_size(const char *value)
{
	char text[PARAMETERS_SIZE];
	char *most;

	if (strlen(value) >= sizeof text)
		return 0;
	strcpy(text, value);
	most = strchr(text, '-');
	if (most)
		*most++ = '\0';
	if (!bench_read_number(text, 1, SIZE_MAX_FILE, &settings.size_least))
		return 0;
	settings.size_most = settings.size_least;
	return !most ||
	       bench_read_number(most, settings.size_least, SIZE_MAX_FILE, &settings.size_most);
}

static int set_seed(const char *value)
{
	return bench_read_number(value, 0, UINT32_MAX, &settings.seed);
}

static int set_read_bias(const char *value)
{
	return bench_read_number(value, 0, BIAS_ALL, &settings.read_bias);
}

static int set_create_bias(const char *value)
{
	return bench_read_number(value, 0, BIAS_ALL, &settings.create_bias);
}

static int set_read_block(const char *value)
{
	return bench_read_number(value, 1, BLOCK_MAX, &settings.read_block);
}

static int set_write_block(const char *value)
{
	return bench_read_number(value, 1, BLOCK_MAX, &settings.write_block);
}

static int set_buffering(const char *value)
{
	settings.buffered = strcmp(value, "on") == 0;
	return settings.buffered || strcmp(value, "off") == 0;
}

static const struct bench_option options[] = {
	{ "-p", "PROCESSES", "how many at once, each with files of its own; 8 unless told",
	  set_processes },
	{ "-f", "FILES", "in the pool before the first transaction; 1000 unless told", set_files },
	{ "-t", "TRANSACTIONS", "of each process; 10000 unless told", set_transactions },
	{ "-s", "SIZE", "of a file in bytes, or LEAST-MOST; 100 unless told", set_size },
	{ "-S", "SEED", "of the random numbers; 42 unless told", set_seed },
	{ "-R", "READS", "of 10 reads and appends; 5 unless told", set_read_bias },
	{ "-C", "CREATES", "of 10 creations and deletions; 5 unless told", set_create_bias },
	{ "-r", "BYTES", "read at a time; 512 unless told", set_read_block },
	{ "-w", "BYTES", "written at a time; 512 unless told", set_write_block },
	{ "-b", "on|off", "stdio, which is what PostMark uses, or system calls; on unless told",
	  set_buffering },
};

static const struct bench_program program = {
	.name = "postmark",
	.description = "Many small files that are created, read, appended to and deleted, after "
		       "PostMark\n(J. Katcher, Network Appliance TR3022, 1997).",
	.rounds = ROUNDS,
	.options = options,
	.option_count = sizeof options / sizeof *options,
};

static void directory_of(uint32_t process, char *path)
{
	snprintf(path, PATH_SIZE, DIRECTORY ".%lu", (unsigned long)process);
}

static void make_directories(void)
{
	char path[PATH_SIZE];

	for (uint32_t i = 0; i < settings.processes; i++) {
		directory_of(i, path);
		bench_check(mkdir(path, 0755) == 0 || errno == EEXIST, path);
	}
}

/* They can only be removed when they are empty. */
static void remove_directories(void)
{
	char path[PATH_SIZE];

	for (uint32_t i = 0; i < settings.processes; i++) {
		directory_of(i, path);
		bench_check(rmdir(path) == 0, path);
	}
}

static void enter_directory(const void *argument, uint32_t process)
{
	char path[PATH_SIZE];

	(void)argument;
	directory_of(process, path);
	bench_check(chdir(path) == 0, path);
}

static void run(const void *argument, uint32_t process, void *result)
{
	pool_run(argument, process, result);
}

/* Each transaction did two things, and what was created is gone. */
static void check_outcome(const struct outcome *outcome)
{
	errno = 0;
	bench_check(outcome->created_before == settings.files, "the number of files");
	bench_check(outcome->created + outcome->deleted == settings.transactions,
		    "the number of files created and deleted");
	bench_check(outcome->read + outcome->appended + outcome->append_full <=
			    settings.transactions,
		    "the number of files read and appended to");
	bench_check(outcome->created_before + outcome->created ==
			    outcome->deleted + outcome->deleted_after,
		    "the number of files left");
}

static void add_outcome(struct outcome *sum, const struct outcome *outcome)
{
	if (sum->transactions_start == 0 || outcome->transactions_start < sum->transactions_start)
		sum->transactions_start = outcome->transactions_start;
	if (outcome->transactions_end > sum->transactions_end)
		sum->transactions_end = outcome->transactions_end;
	sum->bytes_read += outcome->bytes_read;
	sum->bytes_written += outcome->bytes_written;
	sum->created_before += outcome->created_before;
	sum->created += outcome->created;
	sum->deleted += outcome->deleted;
	sum->read += outcome->read;
	sum->appended += outcome->appended;
	sum->append_full += outcome->append_full;
	sum->deleted_after += outcome->deleted_after;
}

/* A run of all processes: its cycles, and those from the first transaction to the last one. */
static void measure(uint64_t *cycles, uint64_t *transactions, struct outcome *sum)
{
	static struct outcome outcomes[BENCH_PROCESSES_MAX];
	const struct bench_work work = {
		.argument = &settings,
		.prepare = enter_directory,
		.run = run,
		.result_size = sizeof *outcomes,
	};
	struct bench_run all;

	*sum = (struct outcome){ 0 };
	make_directories();
	bench_run_processes(&work, settings.processes, &all, outcomes);
	for (uint32_t i = 0; i < settings.processes; i++) {
		check_outcome(&outcomes[i]);
		add_outcome(sum, &outcomes[i]);
	}
	remove_directories();
	*cycles = all.cycles;
	*transactions = sum->transactions_end - sum->transactions_start;
}

static void set_parameters(void)
{
	char size[PARAMETERS_SIZE];

	snprintf(size, sizeof size,
		 settings.size_least == settings.size_most ? "%lu" : "\"%lu-%lu\"",
		 (unsigned long)settings.size_least, (unsigned long)settings.size_most);
	bench_parameters("\"processes\":%lu,\"files\":%lu,\"transactions\":%lu,\"size\":%s,"
			 "\"seed\":%lu,\"stdio\":\"%s\"",
			 (unsigned long)settings.processes, (unsigned long)settings.files,
			 (unsigned long)settings.transactions, size, (unsigned long)settings.seed,
			 settings.buffered ? "on" : "off");
}

static void show_outcome(const struct outcome *sum)
{
	printf("%lu process%s: %lu files created, %lu of them in transactions, all deleted; %lu "
	       "read, "
	       "%lu appended to,\n%lu not, for having the largest size; %llu bytes read, %llu "
	       "written\n",
	       (unsigned long)settings.processes, settings.processes == 1 ? "" : "es",
	       (unsigned long)(sum->created_before + sum->created), (unsigned long)sum->created,
	       (unsigned long)sum->read, (unsigned long)sum->appended,
	       (unsigned long)sum->append_full, (unsigned long long)sum->bytes_read,
	       (unsigned long long)sum->bytes_written);
}

int main(int argc, char **argv)
{
	static uint64_t cycles[BENCH_ROUNDS_MAX], transactions[BENCH_ROUNDS_MAX];
	struct outcome sum = { 0 };

	bench_start_options(argc, argv, &program);
	text_make(&settings);
	set_parameters();
	for (uint32_t i = 0; i < bench_rounds(); i++)
		measure(&cycles[i], &transactions[i], &sum);
	bench_table_head();
	bench_report_rounds("cycles", cycles, settings.transactions);
	bench_report_rounds("transactions", transactions, settings.transactions);
	show_outcome(&sum);
	return 0;
}
