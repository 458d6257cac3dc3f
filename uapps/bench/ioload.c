/*
 * ioload: what devices take from programs that have nothing to do with them (Section 2.4.3). On
 * each CPU a process does a fixed amount of work in user mode; then all do it again while the
 * process on the last CPU, instead of working, writes to the console as fast as the line takes it,
 * or to the network as fast as the card does. What the others need longer is what the device has
 * taken from them: by interrupts, where those go to a processor that runs programs; by nothing,
 * where a processor does devices alone.
 */
#include "common/bench.h"
#include "common/processes.h"

#include <castle/net.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define ROUNDS   3
#define WORK     20000000 /* user instructions */
#define WORK_MAX 2000000000
#define MILLION  1000000

#define CARD       "/dev/eth0"
#define QUIET      1000000 /* cycles without a frame: no more will come */
#define FRAME_SIZE 60      /* the shortest on a wire, without its check sum: the most interrupts */

struct load {
	uint32_t turns;
	bool loaded;
};

struct share {
	int cpu;
	bool wrote;
	uint64_t cycles;
	uint32_t written, received; /* bytes, or frames */
};

/* A request that Ethernet's address resolution protocol has (RFC 826). */
struct request {
	uint8_t to[6], from[6], type[2];
	uint8_t hardware[2], protocol[2], sizes[2], operation[2];
	uint8_t sender[6], sender_address[4], target[6], target_address[4];
	uint8_t padding[FRAME_SIZE - 42];
} __attribute__((packed));

_Static_assert(sizeof(struct request) == FRAME_SIZE, "the request's size");

static const char text[] = "ioload: 64 characters of console load, as fast as they are sent\n";
static uint32_t work_size = WORK;
static int network;

static int set_network(const char *value)
{
	(void)value;
	network = 1;
	return 1;
}

static int set_work(const char *value)
{
	return bench_read_number(value, 100000, WORK_MAX, &work_size);
}

static const struct bench_option options[] = {
	{ "-w", "WORK", "user instructions of each process, 20000000 unless told", set_work },
	{ "-e", NULL, "load the first Ethernet card, not the console", set_network },
};

static const struct bench_program program = {
	.name = "ioload",
	.description = "What a device at full rate takes from processes on other CPUs: millionths "
		       "of their time,\non the CPU that loses most.",
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

static void print_until(uint64_t end, struct share *share)
{
	const int fd = open("/dev/console", O_WRONLY);

	bench_check(fd >= 0, "/dev/console");
	while (bench_cycles() < end) {
		bench_check(write(fd, text, sizeof text - 1) == sizeof text - 1, "write");
		share->written += sizeof text - 1;
	}
	close(fd);
}

/* Who has the address that Bochs's own network answers for? */
static struct request request_from(const struct castle_ethernet_info *info)
{
	struct request request = {
		.to = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
		.type = { 0x08, 0x06 },
		.hardware = { 0, 1 },
		.protocol = { 0x08, 0x00 },
		.sizes = { 6, 4 },
		.operation = { 0, 1 },
		.sender_address = { 192, 168, 10, 15 },
		.target_address = { 192, 168, 10, 1 },
	};

	memcpy(request.from, info->address, sizeof request.from);
	memcpy(request.sender, info->address, sizeof request.sender);
	return request;
}

static uint32_t frames_take(int fd)
{
	static uint8_t frame[CASTLE_FRAME_MAX];
	uint32_t frames = 0;

	bench_check(fcntl(fd, F_SETFL, O_NONBLOCK) == 0, "fcntl");
	while (read(fd, frame, sizeof frame) > 0)
		frames++;
	bench_check(errno == EAGAIN && fcntl(fd, F_SETFL, 0) == 0, "read");
	return frames;
}

/*
 * Takes what is still on its way. Bochs's network has a queue of answers, one each 200
 * microseconds, and gives up for ever when the card has no room for one: there would be no second
 * round. (poll() looks too seldom: the ring has filled up meanwhile.)
 */
static void rest_take(int fd)
{
	uint64_t last = bench_cycles();

	while (bench_cycles() - last < QUIET)
		if (frames_take(fd) > 0)
			last = bench_cycles();
}

/* Waits when the card's ring is full, until the card has sent one. */
static void send_until(uint64_t end, struct share *share)
{
	const int fd = open(CARD, O_RDWR);
	struct castle_ethernet_info info;
	struct request request;

	bench_check(fd >= 0 && ioctl(fd, CASTLE_ETHERNET_INFO, &info) == 0, CARD);
	request = request_from(&info);
	while (bench_cycles() < end) {
		bench_check(write(fd, &request, sizeof request) == sizeof request, "write");
		share->written++;
		share->received += frames_take(fd);
	}
	rest_take(fd);
	close(fd);
}

static void run(const void *argument, uint32_t process, void *result)
{
	const struct load *load = argument;
	struct share *share = result;
	const uint64_t start = bench_cycles();

	(void)process;
	share->cpu = castle_getcpu();
	share->wrote = load->loaded && share->cpu == (int)castle_kernel_page()->cpus - 1;
	/* A little longer than the others work. */
	if (share->wrote)
		(network ? send_until : print_until)(start + 2 * load->turns + load->turns / 4,
						     share);
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

int main(int argc, char **argv)
{
	static uint64_t lost[BENCH_ROUNDS_MAX], written[BENCH_ROUNDS_MAX],
		received[BENCH_ROUNDS_MAX];
	static struct share quiet[CASTLE_CPUS_MAX], loaded[CASTLE_CPUS_MAX];
	const struct share *writer = &loaded[castle_kernel_page()->cpus - 1];
	uint32_t rounds;

	bench_start_options(argc, argv, &program);
	rounds = bench_rounds();
	bench_check(castle_program_cpus() > 1, "two CPUs for programs");
	for (uint32_t i = 0; i < rounds; i++) {
		bench_check(measure(false, quiet) && measure(true, loaded), "a CPU for each");
		lost[i] = most_lost(quiet, loaded);
		written[i] = writer->written;
		received[i] = writer->received;
	}
	bench_parameters("\"device\":\"%s\"", network ? "network" : "console");
	bench_table_head();
	bench_median(written, rounds);
	bench_report("written", written[rounds / 2], written[0], written[rounds - 1], 1,
		     network ? "frames" : "bytes");
	bench_median(received, rounds);
	bench_report("received", received[rounds / 2], received[0], received[rounds - 1], 1,
		     network ? "frames" : "bytes");
	bench_median(lost, rounds);
	bench_report("lost", lost[rounds / 2], lost[0], lost[rounds - 1], 1, "millionths");
	return 0;
}
