/*
 * Running work in several processes at once. They share no memory, so they meet by pipes: each says
 * that it is ready, waits for a byte, works, and sends its readings of the cycle counter. All that
 * time the parent waits in read(), so that its CPU is free for one of them.
 *
 * The kernel gives a new process to an idle CPU and leaves it there. A child that waited at once
 * would leave its CPU idle, and the next child might join it there; so the children first spin
 * until all have been made, and when two of them have met nevertheless, all is tried again.
 */
#include "bench.h"
#include "processes.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PLACEMENT_TRIES 10
#define SPIN_LEAST      100000 /* cycles a process, doubled each time that it was too short */

struct message {
	uint64_t start;
	uint64_t end;
	int cpu;
	char result[BENCH_RESULT_MAX];
};

static int to_children[2], from_children[2];
static int end_of_all[2]; /* nothing is written: its end is the sign to end */
static pid_t children[BENCH_PROCESSES_MAX];

static void send(const struct message *message)
{
	bench_check(write(from_children[1], message, sizeof *message) == sizeof *message, "write");
}

static void receive(struct message *message)
{
	bench_check(read(from_children[0], message, sizeof *message) == sizeof *message, "read");
}

/* A child: two messages, when it is ready and when it is done; it ends when the parent lets it. */
static __attribute__((noreturn)) void child(const struct bench_work *work, uint32_t process,
					    uint64_t all_are_made)
{
	struct message message = { 0 };
	char go;

	close(to_children[1]);
	close(end_of_all[1]);
	while (bench_cycles() < all_are_made)
		;
	message.cpu = castle_getcpu(); /* before anything moves it */
	if (work->prepare)
		work->prepare(work->argument, process);
	send(&message);
	if (read(to_children[0], &go, 1) != 1)
		_exit(0);
	message.start = bench_cycles();
	work->run(work->argument, process, message.result);
	message.end = bench_cycles();
	message.cpu = castle_getcpu();
	send(&message);
	read(end_of_all[0], &go, 1);
	_exit(0);
}

static void make_children(const struct bench_work *work, uint32_t processes, uint64_t spin)
{
	const uint64_t all_are_made = bench_cycles() + spin;

	bench_check(pipe(to_children) == 0 && pipe(from_children) == 0 && pipe(end_of_all) == 0,
		    "pipe");
	for (uint32_t i = 0; i < processes; i++) {
		children[i] = fork();
		bench_check(children[i] >= 0, "fork");
		if (children[i] == 0)
			child(work, i, all_are_made);
	}
}

/* Wherever the children wait, they find the end of the pipe, and end. */
static void end_children(uint32_t processes)
{
	int status;

	close(to_children[1]);
	close(end_of_all[1]);
	for (uint32_t i = 0; i < processes; i++)
		bench_check(waitpid(children[i], &status, 0) == children[i] && status == 0, "wait");
	close(to_children[0]);
	close(end_of_all[0]);
	close(from_children[0]);
	close(from_children[1]);
}

/* Waits for all; the number of CPUs that they are on. */
static uint32_t wait_until_ready(uint32_t processes)
{
	struct message message;
	uint32_t cpus = 0;

	for (uint32_t i = 0; i < processes; i++) {
		receive(&message);
		cpus |= 1u << message.cpu;
	}
	return __builtin_popcount(cpus);
}

/* Makes children and has them wait, on as many CPUs as there are for them. */
static uint32_t place_children(const struct bench_work *work, uint32_t processes)
{
	const uint32_t all = castle_program_cpus();
	const uint32_t wanted = processes < all ? processes : all;
	uint64_t spin = wanted > 1 ? (uint64_t)SPIN_LEAST * processes : 0;

	for (int tries = 1;; tries++, spin *= 2) {
		make_children(work, processes, spin);
		const uint32_t cpus = wait_until_ready(processes);
		if (cpus >= wanted || tries == PLACEMENT_TRIES)
			return cpus;
		end_children(processes);
	}
}

void bench_run_processes(const struct bench_work *work, uint32_t processes, struct bench_run *run,
			 void *results)
{
	static const char go[BENCH_PROCESSES_MAX];
	uint64_t start = UINT64_MAX, end = 0;
	char *result = results;
	struct message message;

	bench_check(work->result_size <= BENCH_RESULT_MAX, "result");
	run->cpus = place_children(work, processes);
	if (work->name)
		castle_account_start(work->name);
	bench_check(write(to_children[1], go, processes) == (int)processes, "write");
	for (uint32_t i = 0; i < processes; i++) {
		receive(&message);
		start = message.start < start ? message.start : start;
		end = message.end > end ? message.end : end;
		memcpy(result, message.result, work->result_size);
		result += work->result_size;
	}
	if (work->name)
		bench_check(castle_account_stop(&run->account) == 0, "account");
	run->start = start;
	run->cycles = end - start;
	end_children(processes);
}
