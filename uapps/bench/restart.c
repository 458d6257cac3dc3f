/*
 * restart: how long a partition is away that panics: from there to its kernel's next first program,
 * as the monitor's area has it. The second partition is told to panic; it does so once for each
 * time.
 */
#include "common/bench.h"

#include <castle/partition.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>

#define OTHER        2
#define ROUNDS       3
#define LOOK_MS      20
#define PANIC_THERE  "on 2 restart -p 2>/dev/null"
#define SERVES_THERE "on 2 true 2>/dev/null"

static int fd;
static int panics;

static int set_panic(const char *value)
{
	(void)value;
	panics = 1;
	return 1;
}

static struct castle_partition_info other(void)
{
	struct castle_partition_info info = { .partition = OTHER };

	bench_check(ioctl(fd, CASTLE_PARTITION_INFO, &info) == 0, "a second partition");
	return info;
}

static void look_again(void)
{
	const struct timespec time = { 0, LOOK_MS * 1000000L };

	nanosleep(&time, NULL);
}

/* Microseconds. */
static uint64_t measure(void)
{
	const uint32_t starts = other().starts;

	while (system(SERVES_THERE) != 0)
		look_again();
	bench_check(system(PANIC_THERE) != 0, "a panic");
	while (other().starts == starts || !other().down_us)
		look_again();
	return other().down_us;
}

int main(int argc, char **argv)
{
	static const struct bench_option options[] = {
		{ "-p", NULL, "panic: the partition that this is run in", set_panic },
	};
	static const struct bench_program program = {
		.name = "restart",
		.description = "A partition that panics, until its next first program.",
		.rounds = ROUNDS,
		.options = options,
		.option_count = sizeof options / sizeof *options,
	};
	uint64_t times[ROUNDS], median;

	bench_start_options(argc, argv, &program);
	fd = open(CASTLE_PARTITION_DEVICE, O_RDWR);
	bench_check(fd >= 0, CASTLE_PARTITION_DEVICE);
	if (panics)
		return ioctl(fd, CASTLE_PARTITION_PANIC, NULL);
	bench_table_head();
	for (uint32_t round = 0; round < ROUNDS; round++)
		times[round] = measure();
	median = bench_median(times, ROUNDS);
	bench_report("back", median, times[0], times[ROUNDS - 1], 1, "us");
	return 0;
}
