/*
 * Blocking and being woken: every wake-up arrives, and each thread wakes where it was. A wake-up
 * that is lost is a test that does not end.
 */
#include "test_smp.h"
#include "../common/workers.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define FUTEX_TURNS  20000
#define PIPE_TURNS   5000
#define RING_TURNS   500
#define PAUSE_EVERY  64
#define PAUSE        2000 /* microseconds: long enough for CPUs to go idle */
#define STAY_ROUNDS  1000
#define SIGNAL_TURNS 60

static uint32_t ball;

static void pass_by_futex(void *argument)
{
	const uint32_t mine = *(uint32_t *)argument;

	for (uint32_t turn = mine; turn < FUTEX_TURNS; turn += 2) {
		uint32_t now;

		while ((now = __atomic_load_n(&ball, __ATOMIC_ACQUIRE)) != turn)
			castle_call3(CASTLE_CALL_futex_wait, (uint32_t)&ball, now, 0);
		__atomic_store_n(&ball, turn + 1, __ATOMIC_RELEASE);
		castle_call2(CASTLE_CALL_futex_wake, (uint32_t)&ball, 1);
	}
}

static void test_futex(void)
{
	static struct worker one, other;
	uint32_t first = 0, second = 1;

	ok(worker_start(&one) && worker_start(&other), "two threads");
	worker_run(&one, pass_by_futex, &first);
	worker_run(&other, pass_by_futex, &second);
	worker_wait(&one);
	worker_wait(&other);
	ok_is(ball, FUTEX_TURNS, "no wake-up of a futex is lost");
	ball = 0;
	worker_run(&one, pass_by_futex, &first);
	pass_by_futex(&second);
	worker_wait(&one);
	ok_is(ball, FUTEX_TURNS, "nor with the first thread");
	worker_end(&one);
	worker_end(&other);
}

/* Passes bytes on until there are no more; whether it stayed on its CPU. */
static bool pass_on(int from, int to, bool pauses)
{
	const int cpu = castle_getcpu();
	int turns = 0;
	char byte;

	while (read(from, &byte, 1) == 1) {
		if (!stays_on(cpu) || write(to, &byte, 1) != 1)
			return false;
		if (pauses && ++turns % PAUSE_EVERY == 0)
			usleep(PAUSE);
	}
	return stays_on(cpu);
}

/* A process that passes on; it has the two ends alone. */
static pid_t start_passer(int from[2], int to[2], bool pauses)
{
	const pid_t pid = fork();

	if (pid != 0)
		return pid;
	close(from[1]);
	close(to[0]);
	_exit(pass_on(from[0], to[1], pauses) ? 0 : 1);
}

static int round_trips(int to, int from, int count)
{
	int good = 0;
	char byte = 'x';

	for (int turn = 0; turn < count; turn++)
		good += write(to, &byte, 1) == 1 && read(from, &byte, 1) == 1;
	return good;
}

static void test_pipe(bool pauses, const char *name)
{
	const int cpu = castle_getcpu();
	int there[2], back[2];
	pid_t other;

	pipe(there);
	pipe(back);
	other = start_passer(there, back, pauses);
	ok_is(round_trips(there[1], back[0], PIPE_TURNS), PIPE_TURNS, name);
	close(there[1]);
	ok_is(status_of(other), 0, "the other process has stayed on its CPU");
	ok(stays_on(cpu), "so has this one");
	close(there[0]);
	close(back[0]);
	close(back[1]);
}

static int ring[CASTLE_CPUS_MAX + 2][2];

struct ring_place {
	pthread_t thread;
	int number;
};

static void *pass_in_ring(void *argument)
{
	const struct ring_place *const place = argument;

	return pass_on(ring[place->number][0], ring[place->number + 1][1], false) ? NULL : argument;
}

/* More threads than CPUs pass a byte from one to the next. */
static void test_ring(void)
{
	static struct ring_place places[CASTLE_CPUS_MAX + 1];
	const int count = cpu_count() + 1;
	int good = 0;
	void *result;

	for (int i = 0; i <= count; i++)
		pipe(ring[i]);
	for (int i = 0; i < count; i++) {
		places[i].number = i;
		good += pthread_create(&places[i].thread, NULL, pass_in_ring, &places[i]) == 0;
	}
	ok_is(good, count, "a ring of threads");
	ok_is(round_trips(ring[0][1], ring[count][0], RING_TURNS), RING_TURNS,
	      "passes bytes round");
	for (int i = good = 0; i < count; i++) {
		close(ring[i][1]);
		good += pthread_join(places[i].thread, &result) == 0 && !result;
		close(ring[i][0]);
	}
	ok_is(good, count, "and each has stayed on its CPU");
	close(ring[count][0]);
	close(ring[count][1]);
}

void test_wakeups(void)
{
	test_futex();
	test_pipe(false, "no wake-up of a pipe is lost");
	test_pipe(true, "nor when CPUs go idle in between");
	test_ring();
}

static void *stay(void *argument)
{
	const int cpu = castle_getcpu();
	bool stayed = true;

	for (int round = 0; round < STAY_ROUNDS; round++) {
		sched_yield();
		stayed &= stays_on(cpu);
		if (round % 20 == 0)
			usleep(1000);
		stayed &= stays_on(cpu);
	}
	return stayed ? NULL : argument;
}

void test_affinity(void)
{
	static pthread_t threads[2 * CASTLE_CPUS_MAX];
	const int count = 2 * cpu_count();
	int good = 0;
	void *result;

	for (int i = 0; i < count; i++)
		pthread_create(&threads[i], NULL, stay, &threads[i]);
	for (int i = 0; i < count; i++)
		good += pthread_join(threads[i], &result) == 0 && !result;
	ok_is(good, count, "threads stay on their CPUs when they yield and sleep");
}

static volatile uint64_t handled;

static void handle(int signal)
{
	(void)signal;
	handled = cycles_now();
}

/* Spins; the handler is the only way out. Tells when it ran. */
static __attribute__((noreturn)) void spin_for_signals(int fd)
{
	struct sigaction action = { .sa_handler = handle };
	uint64_t last = 0;

	sigaction(SIGUSR1, &action, NULL);
	for (;;) {
		write(fd, &last, sizeof last);
		while (handled == 0)
			spin_pause();
		last = handled;
		handled = 0;
	}
}

void test_signals(void)
{
	uint64_t sent, arrived, longest = 0;
	int ends[2], good = 0;
	pid_t pid;

	pipe(ends);
	pid = fork();
	if (pid == 0)
		spin_for_signals(ends[1]);
	read(ends[0], &arrived, sizeof arrived);
	for (int turn = 0; turn < SIGNAL_TURNS; turn++) {
		usleep(turn % 4 * 500);
		sent = cycles_now();
		kill(pid, SIGUSR1);
		good += read(ends[0], &arrived, sizeof arrived) == sizeof arrived;
		if (arrived - sent > longest)
			longest = arrived - sent;
	}
	ok(good == SIGNAL_TURNS,
	   "signals reach a process that spins (%d of %d, in %u microseconds at the most)", good,
	   SIGNAL_TURNS, (unsigned)(longest * 1000 / cycles_of(1)));
	kill(pid, SIGKILL);
	ok_is(status_of(pid), SIGKILL, "and so does the one that ends it");
	close(ends[0]);
	close(ends[1]);
}
