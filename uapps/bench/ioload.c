/*
 * ioload: what devices take from programs that have nothing to do with them (Section 2.4.3). On
 * each CPU a process does a fixed amount of work in user mode; then all do it again while the
 * process on the last CPU, instead of working, writes to the console as fast as the line takes it.
 * What the others need longer is what the device has taken from them: by interrupts, where those go
 * to a processor that runs programs; by nothing, where a processor does devices alone.
 */
#include "common/bench.h"
#include "common/processes.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define ROUNDS   3
#define WORK     20000000 /* user instructions */
#define WORK_MAX 2000000000
#define MILLION  1000000

struct load {
	uint32_t turns;
	bool loaded;
};

struct share {
	int cpu;
	bool wrote;
	uint64_t cycles;
	uint32_t bytes;
};

static const char text[] = "ioload: 64 characters of console load, as fast as they are sent\n";
static uint32_t work_size = WORK;

static int set_work(const char *value)
{
	return bench_read_number(value, 100000, WORK_MAX, &work_size);
}

static const struct bench_option options[] = {
	{ "-w", "WORK", "user instructions of each process, 20000000 unless told", set_work },
};

static const struct bench_program program = {
	.name = "ioload",
	.description = "What console output at full rate takes from processes on other CPUs: "
		       "millionths of\ntheir time, on the CPU that loses most.",
	.rounds = ROUNDS,
	.options = options,
	.option_count = sizeof options / sizeof *options,
};

static inline void loop(uint32_t turns)
{
	__asm__ volatile("1:\tdec %0\n\t"
			 "jnz 1b"
			 : "+r"(turns)
			 :
			 : "cc");
}

/* A little longer than the others work. */
static uint32_t write_until(uint64_t end)
{
	const int fd = open("/dev/console", O_WRONLY);
	uint32_t bytes = 0;

	bench_check(fd >= 0, "/dev/console");
	while (bench_cycles() < end) {
		bench_check(write(fd, text, sizeof text - 1) == sizeof text - 1, "write");
		bytes += sizeof text - 1;
	}
	close(fd);
	return bytes;
}

static void run(const void *argument, uint32_t process, void *result)
{
	const struct load *load = argument;
	struct share *share = result;
	const uint64_t start = bench_cycles();

	(void)process;
	share->cpu = castle_getcpu();
	share->wrote = load->loaded && share->cpu == (int)castle_kernel_page()->cpus - 1;
	if (share->wrote)
		share->bytes = write_until(start + 2 * load->turns + load->turns / 4);
	else
		loop(load->turns);
	share->cycles = bench_cycles() - start;
}

/* Each CPU's share, by its number. False if two processes have met on one. */
static bool measure(bool loaded, struct share by_cpu[CASTLE_CPUS_MAX])
{
	static struct share shares[BENCH_PROCESSES_MAX];
	const struct load load = { work_size / 2, loaded };
	const uint32_t processes = castle_program_cpus();
	const struct bench_work work = {
		.argument = &load,
		.run = run,
		.result_size = sizeof *shares,
	};
	struct bench_run all;

	bench_run_processes(&work, processes, &all, shares);
	memset(by_cpu, 0, CASTLE_CPUS_MAX * sizeof *by_cpu);
	for (uint32_t i = 0; i < processes; i++)
		by_cpu[shares[i].cpu] = shares[i];
	return all.cpus == processes;
}

/* The most that a CPU has lost, in millionths of its time without load. */
static uint64_t most_lost(const struct share *quiet, const struct share *loaded)
{
	uint64_t most = 0;

	for (uint32_t cpu = 0; cpu < CASTLE_CPUS_MAX; cpu++) {
		uint64_t lost;
		if (!quiet[cpu].cycles || loaded[cpu].wrote ||
		    loaded[cpu].cycles <= quiet[cpu].cycles)
			continue;
		lost = (loaded[cpu].cycles - quiet[cpu].cycles) * MILLION / quiet[cpu].cycles;
		if (lost > most)
			most = lost;
	}
	return most;
}

static uint32_t written(const struct share *shares)
{
	return shares[castle_kernel_page()->cpus - 1].bytes;
}

int main(int argc, char **argv)
{
	static uint64_t lost[BENCH_ROUNDS_MAX], bytes[BENCH_ROUNDS_MAX];
	static struct share quiet[CASTLE_CPUS_MAX], loaded[CASTLE_CPUS_MAX];
	uint32_t rounds;

	bench_start_options(argc, argv, &program);
	rounds = bench_rounds();
	bench_check(castle_program_cpus() > 1, "two CPUs for programs");
	for (uint32_t i = 0; i < rounds; i++) {
		bench_check(measure(false, quiet) && measure(true, loaded), "a CPU for each");
		lost[i] = most_lost(quiet, loaded);
		bytes[i] = written(loaded);
	}
	bench_table_head();
	bench_median(bytes, rounds);
	bench_report("written", bytes[rounds / 2], bytes[0], bytes[rounds - 1], 1, "bytes");
	bench_median(lost, rounds);
	bench_report("lost", lost[rounds / 2], lost[0], lost[rounds - 1], 1, "millionths");
	return 0;
}
