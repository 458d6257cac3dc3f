/*
 * ukratio: the benchmark of Section 3.4 of the thesis. Processes loop in user mode and make a
 * kernel call at a configurable interval, which varies the proportion of user to kernel execution.
 * For each proportion one process runs alone, which tells the kernel's true share by the lock
 * profile, and then several run at once. Beside the speed-up stands the bound that Amdahl's law
 * gives when all time in the kernel is serialised: on n CPUs 1 / (k + (1 - k) / n) for a kernel
 * share of k. That is the bound of one program whose kernel part nobody can overlap. Processes that
 * have nothing to do with each other can: one is in the kernel while the others are in user mode.
 * What limits those is the lock, which is busy all the time at a speed-up of 1 / k; the smaller of
 * that and n is shown as the limit.
 *
 * Each point has about the same work: what the calls take more, the loops have less of.
 */
#include "../common/bench.h"
#include "ukratio.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define ROUNDS      3
#define POINTS_MAX  32
#define TRIAL_CALLS 200
#define WORK        2000000 /* user instructions of the all-user point */
#define WORK_MAX    2000000000

/* A point of the sweep, and what was measured there. Shares and ratios are in thousandths. */
struct point {
	uint32_t percent;  /* kernel share that is aimed at; or, if that is not 0, */
	uint32_t interval; /* the fixed interval in user instructions */
	struct workload workload;
	uint64_t alone, together;      /* median cycles of the run */
	uint64_t least, most;          /* of the runs together */
	uint32_t share;                /* of the kernel in the run alone */
	uint32_t cpus;                 /* that the runs together were on; the fewest of them */
	struct castle_account account; /* of all runs together */
};

static const struct kernel_call *call = &kernel_calls[0];
static uint32_t processes = 2;
static uint32_t work = WORK;
static struct point points[POINTS_MAX];
static uint32_t point_count;

static int set_processes(const char *value)
{
	return bench_read_number(value, 1, BENCH_PROCESSES_MAX, &processes);
}

static int set_work(const char *value)
{
	return bench_read_number(value, 1000, WORK_MAX, &work);
}

static int set_call(const char *value)
{
	for (call = kernel_calls; call->name; call++)
		if (strcmp(value, call->name) == 0)
			return 1;
	return 0;
}

static int add_point(const char *value)
{
	return point_count < POINTS_MAX &&
	       bench_read_number(value, 0, 100, &points[point_count++].percent);
}

static int add_interval(const char *value)
{
	return point_count < POINTS_MAX &&
	       bench_read_number(value, LOOP_INSTRUCTIONS, WORK, &points[point_count++].interval);
}

static int set_points_by(const char *value, int (*add)(const char *))
{
	char text[8 * POINTS_MAX];

	point_count = 0;
	if (strlen(value) >= sizeof text)
		return 0;
	strcpy(text, value);
	for (char *word = strtok(text, ","); word; word = strtok(NULL, ","))
		if (!add(word))
			return 0;
	return point_count > 0;
}

static int set_points(const char *value)
{
	memset(points, 0, sizeof points);
	return set_points_by(value, add_point);
}

static int set_intervals(const char *value)
{
	memset(points, 0, sizeof points);
	return set_points_by(value, add_interval);
}

static const struct bench_option options[] = {
	{ "-p", "PROCESSES", "how many at once, 2 unless told", set_processes },
	{ "-w", "WORK", "user instructions of each without calls, 2000000 unless told", set_work },
	{ "-c", "CALL", "stat (unless told), open, pipe or getpid", set_call },
	{ "-s", "SHARES", "percent in the kernel to aim at, such as 0,50,100", set_points },
	{ "-i", "INTERVALS", "or user instructions from call to call, such as 1000,5000",
	  set_intervals },
};

static const struct bench_program program = {
	.name = "ukratio",
	.description = "Processes that loop in user mode and call the kernel at an interval: how "
		       "much faster\nseveral CPUs are, by the share of time in the kernel.",
	.rounds = ROUNDS,
	.options = options,
	.option_count = sizeof options / sizeof *options,
};

static uint32_t thousandths(uint64_t part, uint64_t whole)
{
	return whole ? (part * 1000 + whole / 2) / whole : 0;
}

/* One process alone: the cycles, and with `calls` those in the kernel. */
static void run_alone(uint32_t calls, uint32_t turns, struct bench_run *run)
{
	const struct workload workload = { call, calls, turns, calls ? 0 : turns };

	run_processes(&workload, 1, run);
}

/* What a workload without calls takes, and what a call does: in the kernel, and around it. */
struct costs {
	uint64_t total;
	uint64_t kernel;
	uint64_t around;
};

static void measure_costs(struct costs *costs)
{
	struct bench_run run;

	/* Twice: the first run of an emulator has the code to translate. */
	for (int i = 0; i < 2; i++) {
		run_alone(0, work / LOOP_INSTRUCTIONS, &run);
		costs->total = run.cycles;
		run_alone(TRIAL_CALLS, 1, &run);
		costs->kernel = run.account.kernel_cycles / TRIAL_CALLS + 1;
		costs->around = run.account.user_cycles / TRIAL_CALLS;
	}
}

/* Divides the work between loops and calls. */
static void plan_point(const struct costs *costs, uint32_t percent, struct workload *workload)
{
	const uint32_t turns = work / LOOP_INSTRUCTIONS;
	const uint64_t in_kernel = costs->total * percent / 100;
	uint64_t around, loops;

	workload->call = call;
	workload->calls = in_kernel / costs->kernel;
	if (percent > 0 && workload->calls == 0)
		workload->calls = 1;
	around = workload->calls * costs->around;
	loops = in_kernel + around < costs->total
			? turns * (costs->total - in_kernel - around) / costs->total
			: 0;
	workload->turns = workload->calls ? loops / workload->calls : 0;
	workload->last_turns = loops - (uint64_t)workload->turns * workload->calls;
}

/* The same work for whatever a call costs: for comparing kernels. */
static void plan_interval(uint32_t interval, struct workload *workload)
{
	workload->call = call;
	workload->calls = work / interval;
	workload->turns = interval / LOOP_INSTRUCTIONS;
	workload->last_turns = 0;
}

static void plan_points(void)
{
	struct costs costs;

	measure_costs(&costs);
	for (uint32_t i = 0; i < point_count; i++)
		if (points[i].interval)
			plan_interval(points[i].interval, &points[i].workload);
		else
			plan_point(&costs, points[i].percent, &points[i].workload);
}

/* The time of the runs alone. The kernel's account does not know what the application kernel runs.
 */
static uint64_t time_of(const struct castle_account *account, uint64_t elapsed)
{
	return castle_kernel_page()->application_processors
		       ? elapsed
		       : account->user_cycles + account->kernel_cycles;
}

static void measure_point(struct point *point)
{
	static uint64_t alone[BENCH_ROUNDS_MAX], together[BENCH_ROUNDS_MAX];
	const uint32_t rounds = bench_rounds();
	struct castle_account single = { 0 };
	uint64_t time_alone = 0;
	struct bench_run run;

	point->cpus = UINT32_MAX;
	for (uint32_t i = 0; i < rounds; i++) {
		run_processes(&point->workload, 1, &run);
		alone[i] = run.cycles;
		time_alone += run.cycles;
		castle_account_add(&single, &run.account);
		run_processes(&point->workload, processes, &run);
		together[i] = run.cycles;
		castle_account_add(&point->account, &run.account);
		point->cpus = run.cpus < point->cpus ? run.cpus : point->cpus;
	}
	point->alone = bench_median(alone, rounds);
	point->together = bench_median(together, rounds);
	point->least = together[0];
	point->most = together[rounds - 1];
	point->share = thousandths(single.kernel_cycles, time_of(&single, time_alone));
}

static uint32_t speedup(const struct point *point, uint64_t together)
{
	return thousandths(processes * point->alone, together);
}

/* n / (k n + 1 - k) */
static uint32_t bound(const struct point *point)
{
	const uint32_t cpus = castle_program_cpus();
	const uint32_t n = processes < cpus ? processes : cpus;

	return thousandths(n * 1000, point->share * n + 1000 - point->share);
}

/* min(n, 1 / k) */
static uint32_t limit(const struct point *point)
{
	const uint32_t cpus = castle_program_cpus();
	const uint32_t n = processes < cpus ? processes : cpus;

	return point->share * n > 1000 ? thousandths(1000, point->share) : n * 1000;
}

static void record_point(const struct point *point)
{
	const uint32_t name = point->interval ? point->interval : point->percent;
	const uint32_t value = speedup(point, point->together);
	const uint32_t least = speedup(point, point->most), most = speedup(point, point->least);
	const uint32_t calls = point->workload.calls;
	char metric[24];

	bench_parameters("\"processes\":%lu,\"share_permille\":%lu,\"interval\":%lu,"
			 "\"call\":\"%s\",\"on_cpus\":%lu",
			 (unsigned long)processes, (unsigned long)point->share,
			 (unsigned long)point->workload.turns * LOOP_INSTRUCTIONS, call->name,
			 (unsigned long)point->cpus);
	if (name == 0)
		bench_record_ratio("speedup_user", value, least, most, calls);
	snprintf(metric, sizeof metric, "speedup.%lu", (unsigned long)name);
	bench_record_ratio(metric, value, least, most, calls);
	snprintf(metric, sizeof metric, "bound.%lu", (unsigned long)name);
	bench_record_ratio(metric, bound(point), bound(point), bound(point), calls);
	snprintf(metric, sizeof metric, "limit.%lu", (unsigned long)name);
	bench_record_ratio(metric, limit(point), limit(point), limit(point), calls);
	snprintf(metric, sizeof metric, "cycles.%lu", (unsigned long)name);
	bench_record(metric, point->together, point->least, point->most, calls, NULL);
}

/* A number with decimals: the thousandths shown in units of `unit` (10: percent). */
static void show(uint32_t value, uint32_t unit, int width)
{
	const uint32_t decimals = unit == 10 ? 1 : 3;

	printf(" %*lu.%0*lu", width - (int)decimals - 2, (unsigned long)(value / unit),
	       (int)decimals, (unsigned long)(value % unit));
}

static void show_point(const struct point *point)
{
	const struct castle_account *account = &point->account;
	const uint32_t value = speedup(point, point->together);
	const uint64_t all = account->user_cycles + account->kernel_cycles +
			     account->spinning_cycles + account->idle_cycles;

	show(point->share, 10, 8);
	printf(" %9lu %7lu", (unsigned long)point->workload.turns * LOOP_INSTRUCTIONS,
	       (unsigned long)point->workload.calls);
	show(value, 1000, 8);
	show(bound(point), 1000, 8);
	show(limit(point), 1000, 8);
	show(thousandths(value, bound(point)), 10, 10);
	show(thousandths(account->user_cycles, all), 10, 8);
	show(thousandths(account->kernel_cycles, all), 10, 8);
	show(thousandths(account->spinning_cycles, all), 10, 9);
	show(thousandths(account->idle_cycles, all), 10, 7);
	printf("%s\n", point->cpus < processes && point->cpus < castle_program_cpus()
			       ? "  (on too few CPUs)"
			       : "");
}

static void show_points(void)
{
	printf("\nprocesses %lu, CPUs %lu, mode %s, call %s (%s)\n", (unsigned long)processes,
	       (unsigned long)castle_kernel_page()->cpus, castle_kernel_page()->mode, call->name,
	       call->meaning);
	puts("KERNEL%  INTERVAL   CALLS SPEEDUP  AMDAHL   LIMIT OF AMDAHL   USER% KERNEL% "
	     "SPINNING%  "
	     "IDLE%");
	for (uint32_t i = 0; i < point_count; i++)
		show_point(&points[i]);
}

int main(int argc, char **argv)
{
	set_points("0,5,10,20,30,40,50,60,70,80,90,100");
	bench_start_options(argc, argv, &program);
	if (call->prepare)
		call->prepare();
	plan_points();
	for (uint32_t i = 0; i < point_count; i++) {
		measure_point(&points[i]);
		record_point(&points[i]);
	}
	show_points();
	if (call->clean_up)
		call->clean_up();
	return 0;
}
