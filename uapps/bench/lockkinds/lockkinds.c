/*
 * lockkinds: what lock algorithms cost, in user mode, with threads on all CPUs: the measured side
 * of choosing the giant lock's. For each: an acquisition and release that nobody contends, then
 * threads on 1, 2, … CPUs that do nothing but take the lock for a fixed time. Reported are the
 * cycles of the machine for each acquisition, fairness (the least acquisitions of a thread over the
 * most), and the longest that a thread waited.
 */
#include "../common/bench.h"
#include "locks.h"

#include <castle/castle.h>
#include <pthread.h>
#include <stdio.h>

#define ROUNDS          5
#define UNCONTENDED     1000
#define CYCLES          5000000
#define PLACEMENT_TRIES 10
#define KINDS           5
#define COUNTS_MAX      16 /* of numbers of threads to try */

struct locks locks;

/* What the lock protects: counted without an atomic instruction. */
static volatile uint32_t protected_count;

static struct contender contenders[CASTLE_CPUS_MAX];
static struct clh_node nodes[CASTLE_CPUS_MAX + 1];
static uint32_t duration = CYCLES;
static uint32_t thread_count, arrived;
static uint32_t started; /* `deadline` is set */
static uint64_t deadline;

typedef void lock_function(struct contender *self);

/* Inlined into a function for each kind, where both calls are inlined, too. */
static inline __attribute__((always_inline)) void
contend(struct contender *self, lock_function *acquire, lock_function *release)
{
	const uint64_t end = deadline;
	uint64_t start, now;

	do {
		start = bench_cycles();
		acquire(self);
		now = bench_cycles();
		protected_count++;
		release(self);
		self->acquisitions++;
		if (now - start > self->longest)
			self->longest = now - start;
	} while (now < end);
}

static inline __attribute__((always_inline)) void repeat(uint32_t count, lock_function *acquire,
							 lock_function *release)
{
	for (; count > 0; count--) {
		acquire(contenders);
		release(contenders);
	}
}

#define KIND(name, acquire, release)                       \
	static void name##_contend(struct contender *self) \
	{                                                  \
		contend(self, acquire, release);           \
	}                                                  \
	static void name##_alone(uint32_t count)           \
	{                                                  \
		repeat(count, acquire, release);           \
	}

KIND(tas, tas_acquire, tas_release)
KIND(ttas, ttas_acquire, tas_release)
KIND(ticket, ticket_acquire, ticket_release)
KIND(mcs, mcs_acquire, mcs_release)
KIND(clh, clh_acquire, clh_release)

static const struct kind {
	const char *name;
	lock_function *contend;
	void (*alone)(uint32_t count);
} kinds[KINDS] = {
	{ "tas", tas_contend, tas_alone },          { "ttas", ttas_contend, ttas_alone },
	{ "ticket", ticket_contend, ticket_alone }, { "mcs", mcs_contend, mcs_alone },
	{ "clh", clh_contend, clh_alone },
};

/* What a kind did with a number of threads: medians over the rounds. */
struct figures {
	uint32_t threads;
	uint32_t cycles; /* for each acquisition */
	uint32_t least_cycles, most_cycles;
	uint32_t fairness; /* thousandths */
	uint32_t least_fairness, most_fairness;
	uint32_t longest, least_longest, most_longest;
};

static struct figures results[KINDS][COUNTS_MAX];
static const struct kind *kind;

static void reset(void)
{
	locks = (struct locks){ .clh_tail = &nodes[CASTLE_CPUS_MAX] };
	for (uint32_t i = 0; i <= CASTLE_CPUS_MAX; i++)
		nodes[i].held = 0;
	for (uint32_t i = 0; i < CASTLE_CPUS_MAX; i++)
		contenders[i] = (struct contender){ .node = &nodes[i] };
	protected_count = 0;
	arrived = 0;
	started = 0;
}

/* Spins until all are there, so that each keeps its CPU from being given to another one. */
static void *thread_main(void *argument)
{
	struct contender *const self = argument;

	self->cpu = castle_getcpu();
	if (__atomic_add_fetch(&arrived, 1, __ATOMIC_ACQ_REL) == thread_count) {
		deadline = bench_cycles() + duration;
		__atomic_store_n(&started, 1, __ATOMIC_RELEASE);
	}
	while (!__atomic_load_n(&started, __ATOMIC_ACQUIRE))
		lock_pause();
	kind->contend(self);
	return NULL;
}

/* One round. The number of CPUs that the threads were on. */
static uint32_t run_threads(void)
{
	pthread_t threads[CASTLE_CPUS_MAX];
	uint32_t cpus = 0;

	reset();
	for (uint32_t i = 0; i < thread_count; i++)
		bench_check(pthread_create(&threads[i], NULL, thread_main, &contenders[i]) == 0,
			    "pthread_create");
	for (uint32_t i = 0; i < thread_count; i++) {
		bench_check(pthread_join(threads[i], NULL) == 0, "pthread_join");
		cpus |= 1u << contenders[i].cpu;
	}
	return __builtin_popcount(cpus);
}

/* A round in which no two threads shared a CPU: there, a lock would wait for a time slice. */
static void run_apart(void)
{
	for (int tries = 1; run_threads() < thread_count; tries++)
		bench_check(tries < PLACEMENT_TRIES, "threads on CPUs of their own");
}

static void evaluate(uint64_t *cycles, uint64_t *fairness, uint64_t *longest)
{
	uint32_t sum = 0, least = UINT32_MAX, most = 0;

	*longest = 0;
	for (uint32_t i = 0; i < thread_count; i++) {
		const struct contender *const contender = &contenders[i];

		sum += contender->acquisitions;
		least = contender->acquisitions < least ? contender->acquisitions : least;
		most = contender->acquisitions > most ? contender->acquisitions : most;
		*longest = contender->longest > *longest ? contender->longest : *longest;
	}
	bench_check(sum == protected_count, "mutual exclusion");
	*cycles = (duration + sum / 2) / sum;
	*fairness = (uint64_t)least * 1000 / most;
}

static void measure(struct figures *figures)
{
	static uint64_t cycles[BENCH_ROUNDS_MAX], fairness[BENCH_ROUNDS_MAX],
		longest[BENCH_ROUNDS_MAX];
	const uint32_t rounds = bench_rounds();

	run_apart();
	for (uint32_t i = 0; i < rounds; i++) {
		run_apart();
		evaluate(&cycles[i], &fairness[i], &longest[i]);
	}
	*figures = (struct figures){
		.threads = thread_count,
		.cycles = bench_median(cycles, rounds),
		.fairness = bench_median(fairness, rounds),
		.longest = bench_median(longest, rounds),
	};
	figures->least_cycles = cycles[0];
	figures->most_cycles = cycles[rounds - 1];
	figures->least_fairness = fairness[0];
	figures->most_fairness = fairness[rounds - 1];
	figures->least_longest = longest[0];
	figures->most_longest = longest[rounds - 1];
}

static void record(const struct figures *figures)
{
	char metric[32];

	bench_parameters("\"lock\":\"%s\",\"threads\":%lu", kind->name,
			 (unsigned long)figures->threads);
	snprintf(metric, sizeof metric, "%s.cycles", kind->name);
	bench_record(metric, figures->cycles, figures->least_cycles, figures->most_cycles, duration,
		     NULL);
	snprintf(metric, sizeof metric, "%s.longest_wait", kind->name);
	bench_record(metric, figures->longest, figures->least_longest, figures->most_longest,
		     duration, NULL);
	snprintf(metric, sizeof metric, "%s.fairness", kind->name);
	bench_record_ratio(metric, figures->fairness, figures->least_fairness,
			   figures->most_fairness, duration);
}

static void show(void)
{
	puts("\nLOCK    THREADS  CYCLES EACH  FAIRNESS  LONGEST WAIT");
	for (uint32_t i = 0; i < KINDS; i++)
		for (const struct figures *figures = results[i]; figures->threads; figures++)
			printf("%-8s %6lu %12lu %5lu.%03lu %13lu\n", kinds[i].name,
			       (unsigned long)figures->threads, (unsigned long)figures->cycles,
			       (unsigned long)(figures->fairness / 1000),
			       (unsigned long)(figures->fairness % 1000),
			       (unsigned long)figures->longest);
}

/* 1, 2, 3, 4, then half as many again each time, and all CPUs. */
static uint32_t next_count(uint32_t count)
{
	const uint32_t cpus = castle_program_cpus();
	const uint32_t next = count < 4 ? count + 1 : count + count / 2;

	return next < cpus ? next : cpus;
}

static void measure_kind(struct figures *figures)
{
	const uint32_t cpus = castle_program_cpus();

	for (thread_count = 1;; thread_count = next_count(thread_count)) {
		measure(figures);
		record(figures++);
		if (thread_count == cpus)
			return;
	}
}

static int set_duration(const char *value)
{
	return bench_read_number(value, 1000, 1000000000, &duration);
}

static const struct bench_option options[] = {
	{ "-d", "CYCLES", "how long threads contend, 5000000 unless told", set_duration },
};

static const struct bench_program program = {
	.name = "lockkinds",
	.description = "Spin locks in user mode: alone, and contended by threads on 1 to all CPUs.",
	.rounds = ROUNDS,
	.options = options,
	.option_count = sizeof options / sizeof *options,
};

int main(int argc, char **argv)
{
	char metric[32];

	bench_start_options(argc, argv, &program);
	printf("%-26s %10s %10s %10s  %s\n", "lockkinds", "median", "least", "most", "unit");
	for (uint32_t i = 0; i < KINDS; i++) {
		reset();
		snprintf(metric, sizeof metric, "%s.alone", kinds[i].name);
		bench_measure(metric, UNCONTENDED, kinds[i].alone);
	}
	for (uint32_t i = 0; i < KINDS; i++) {
		kind = &kinds[i];
		measure_kind(results[i]);
	}
	show();
	return 0;
}
