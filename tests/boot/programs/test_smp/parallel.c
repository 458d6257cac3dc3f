/*
 * Running at once: processes that spin side by side, threads that talk through memory alone; and
 * sharing: more of them than there are CPUs, and the account of where the time went.
 */
#include "test_smp.h"
#include "../common/workers.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROCESSES_MAX (2 * CASTLE_CPUS_MAX + 1)
#define TURNS         10000
#define SPIN_MS       100
#define TOGETHER_MS   500
#define TRIES         5
#define GIVE_WAY_MS   500 /* ten slices */
#define SIGN_MS       20
#define SIGNS         5

/* What a process that spins says about it. */
struct report {
	uint64_t start;
	uint64_t end;
	uint32_t turns;
	int32_t cpu_before;
	int32_t cpu_after;
};

static pid_t spinners[PROCESSES_MAX];

/* Spins until `end` and writes the report. */
static __attribute__((noreturn)) void spin_until(uint64_t end, int fd)
{
	struct report report = { .turns = 0, .cpu_before = castle_getcpu() };

	report.start = cycles_now();
	while (cycles_now() < end)
		report.turns++;
	report.end = cycles_now();
	report.cpu_after = castle_getcpu();
	_exit(write(fd, &report, sizeof report) != sizeof report);
}

/* Runs processes that spin until the same moment; how many reports came. */
static int run_spinners(int count, uint64_t end, struct report *reports)
{
	int ends[2], got = 0, failures = 0;

	pipe(ends);
	for (int i = 0; i < count; i++) {
		spinners[i] = fork();
		if (spinners[i] == 0)
			spin_until(end, ends[1]);
	}
	close(ends[1]);
	while (got < count && read(ends[0], &reports[got], sizeof *reports) == sizeof *reports)
		got++;
	close(ends[0]);
	for (int i = 0; i < count; i++)
		failures += status_of(spinners[i]) != 0;
	return failures ? -failures : got;
}

/* How many CPUs the processes were on. */
static int cpus_of(const struct report *reports, int count)
{
	uint32_t cpus = 0;

	for (int i = 0; i < count; i++)
		cpus |= 1u << reports[i].cpu_before;
	return __builtin_popcount(cpus);
}

/* Whether there was a moment when all of them ran. */
static bool overlap(const struct report *reports, int count)
{
	uint64_t last_start = 0, first_end = UINT64_MAX;

	for (int i = 0; i < count; i++) {
		if (reports[i].start > last_start)
			last_start = reports[i].start;
		if (reports[i].end < first_end)
			first_end = reports[i].end;
	}
	return last_start < first_end;
}

/* A busy host may let a CPU stand still for long: if so, all over again, and longer. */
static void test_processes(void)
{
	static struct report reports[PROCESSES_MAX];
	/* Without affinity, another may get its place while a process asks where it is. */
	const bool application = castle_kernel_page()->application_processors > 0;
	const int count = cpu_count();
	bool stayed = true;
	int got, tries = 0;

	do
		got = run_spinners(
			count, cycles_now() + ((uint64_t)cycles_of(TOGETHER_MS) << tries), reports);
	while (++tries < TRIES && (cpus_of(reports, count) < count || !overlap(reports, count)));
	for (int i = 0; i < count; i++)
		stayed &= threads_move() || reports[i].cpu_before == reports[i].cpu_after;
	ok_is(got, count, "as many processes as CPUs spin");
	ok(application || cpus_of(reports, count) == count, "each on a CPU of its own (%d)",
	   cpus_of(reports, count));
	ok(stayed, "where it stays");
	ok(overlap(reports, count), "and all at the same time");
}

static uint32_t ball; /* whose turn it is: even the one's, odd the other's */

static void play(void *argument)
{
	const uint32_t mine = *(uint32_t *)argument;

	for (uint32_t turn = mine; turn < TURNS; turn += 2) {
		while (__atomic_load_n(&ball, __ATOMIC_ACQUIRE) != turn)
			spin_pause();
		__atomic_store_n(&ball, turn + 1, __ATOMIC_RELEASE);
	}
}

/* On one CPU each turn would take a time slice. */
static void test_threads(void)
{
	static struct worker other;
	uint32_t first = 0, second = 1;

	if (!ok_if_cpus(2, "threads that talk through memory"))
		return;
	/* Where threads move, the first one may have gone on where the second one was. */
	ok(worker_start(&other) && (threads_move() || other.cpu != (uint32_t)castle_getcpu()),
	   "a second thread is on another CPU");
	worker_run(&other, play, &second);
	play(&first);
	worker_wait(&other);
	ok_is(ball, TURNS, "two threads take turns through memory alone");
	worker_end(&other);
}

void test_parallel(void)
{
	test_processes();
	test_threads();
}

/* Spins for ever, and says each so many milliseconds that it still does. */
static __attribute__((noreturn)) void spin_and_tell(uint8_t number, int fd)
{
	for (;;) {
		const uint64_t next = cycles_now() + cycles_of(SIGN_MS);

		while (cycles_now() < next)
			spin_pause();
		write(fd, &number, 1);
	}
}

/* Reads signs of life until each process has given enough; how many have. */
static int wait_for_signs(int fd, int count)
{
	uint8_t signs[PROCESSES_MAX] = { 0 }, number;
	int good = 0;

	while (good < count && read(fd, &number, 1) == 1)
		if (number < count && signs[number] < SIGNS && ++signs[number] == SIGNS)
			good++;
	return good;
}

/* One that the others never let on is a test that does not end. */
static void test_more_than_cpus(void)
{
	const int count = 2 * cpu_count() + 1;
	int ends[2], killed = 0;

	pipe(ends);
	for (int i = 0; i < count; i++) {
		spinners[i] = fork();
		if (spinners[i] == 0)
			spin_and_tell(i, ends[1]);
	}
	close(ends[1]);
	ok_is(wait_for_signs(ends[0], count), count,
	      "twice as many processes as CPUs, and one, spin: all of them get on");
	for (int i = 0; i < count; i++)
		killed += kill(spinners[i], SIGKILL) == 0 && status_of(spinners[i]) == SIGKILL;
	ok_is(killed, count, "until they are killed");
	close(ends[0]);
}

static void do_nothing(void)
{
}

/*
 * The others would wait for a time slice each, 50 ms, or for several, if lower priorities were not
 * made to give way. How long it takes says something where cycles are instructions alone.
 */
void test_giving_way(void)
{
	const bool counts = strcmp(castle_kernel_page()->machine, "qemu") != 0;
	const uint64_t start = cycles_now();
	uint64_t cycles;
	int good = 0;

	ok_is(occupy_cpus(PROGRAM), kernel_program_cpu_count(),
	      "processes of a low priority are on all CPUs");
	for (int i = 0; i < 50; i++)
		good += in_child(do_nothing) == 0;
	cycles = cycles_now() - start;
	release_cpus();
	ok_is(good, 50, "others come first");
	if (counts)
		ok(cycles < cycles_of(GIVE_WAY_MS), "and do not wait for them (%u microseconds)",
		   (unsigned)(cycles * 1000 / cycles_of(1)));
}

void test_sharing(void)
{
	test_more_than_cpus();
	test_giving_way();
}

/* How many CPUs' times add up to those that passed, but for the account's beginning and end. */
static uint32_t complete_accounts(const struct castle_lock_profile *profile, uint64_t elapsed)
{
	uint32_t good = 0;

	for (uint32_t i = 0; i < profile->cpus; i++) {
		const struct castle_account *const cpu = &profile->cpu[i];
		const uint64_t all = cpu->user_cycles + cpu->kernel_cycles + cpu->spinning_cycles +
				     cpu->idle_cycles;

		good += all <= elapsed && all >= elapsed - elapsed / 10;
	}
	return good;
}

/* A process spins for so long and the caller waits; the time that passed. */
static uint64_t account_spinner(uint64_t cycles, struct report *report, struct castle_account *sum)
{
	const uint64_t start = cycles_now();

	castle_account_start("test_smp");
	run_spinners(1, cycles_now() + cycles, report);
	castle_account_stop(sum);
	return cycles_now() - start;
}

/* All of the spinner's time is user time, less what a tick takes; but the account is the kernel's,
 * which does not see what the application kernel runs. */
static bool user_time_is_told(const struct castle_account *sum, const struct report *report)
{
	const uint64_t spun = report->end - report->start;

	if (castle_kernel_page()->application_processors)
		return sum->user_cycles < spun / 10;
	return sum->user_cycles >= spun / 10 * 8;
}

static bool others_are_idle(const struct castle_account *sum, uint64_t elapsed)
{
	return sum->idle_cycles >= elapsed / 2 * (kernel_cpu_count() - 1);
}

/* A busy host may let a CPU stand still before it hears that the account begins or ends, or where
 * it should run for a moment only. */
static bool was_disturbed(const struct castle_lock_profile *profile, uint64_t elapsed,
			  const struct castle_account *sum, const struct report *report)
{
	return complete_accounts(profile, elapsed) < kernel_cpu_count() ||
	       !others_are_idle(sum, elapsed) || !user_time_is_told(sum, report);
}

/* One CPU in user mode, all others idle; all over again, and longer, if that was disturbed. */
void test_account(void)
{
	static struct castle_lock_profile profile;
	static struct report report;
	struct castle_account sum;
	uint64_t elapsed;
	int tries = 0;

	do {
		elapsed = account_spinner((uint64_t)cycles_of(SPIN_MS) << tries, &report, &sum);
		castle_info(CASTLE_INFO_LOCKS, &profile, sizeof profile);
	} while (was_disturbed(&profile, elapsed, &sum, &report) && ++tries < TRIES);
	ok_is(profile.cpus, kernel_cpu_count(), "the lock profile has all CPUs");
	ok_is(complete_accounts(&profile, elapsed), kernel_cpu_count(),
	      "the times of each CPU add up to those that passed");
	ok(user_time_is_told(&sum, &report), castle_kernel_page()->application_processors
						     ? "user time is elsewhere"
						     : "user time is the process's");
	ok(others_are_idle(&sum, elapsed), "the other CPUs are idle");
	ok(strcmp(profile.name, "test_smp") == 0 && !profile.running, "the run has its name");
}
