/*
 * fuzz: calls at random, for as long as asked. Whatever they do is theirs alone: the machine lives,
 * no process is left, and every page, descriptor and object of the kernel's comes back.
 * docs/testing.md has more; tools/fuzz finds what a failure needs.
 */
#include "fuzz.h"
#include "../common/tap.h"

#include <castle/castle.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PROCESS_LIST_MAX 256
#define CACHES_MAX       32
#define POLL_US          2000
#define TRIES            3
#define CALLS_OF_ROUND   50 /* at least, mostly */
#define CASTLE_PAGE      4096
#define SQUEEZE_STEP     (64 * CASTLE_PAGE)
#define FILL_US          50000 /* in which 64 messages are sent */
#define END_TRIES        2000  /* to end what a round has left, two milliseconds apart */

struct choices choices = {
	.seed = 1, .calls = 10000, .processes = 7, .threads = ~0u, .steps = 60, .life_ms = 400
};
uint32_t round_number;
int master_pid;

static uint32_t calls_made, rounds_made, results_bad;
static int processes_before;

/* --- what there is ---------------------------------------------------------------------------- */

static struct castle_process_info processes[PROCESS_LIST_MAX];

static int process_list(void)
{
	return castle_info(CASTLE_INFO_PROCESSES, processes, sizeof processes) /
	       (int)sizeof *processes;
}

/* --- rounds ----------------------------------------------------------------------------------- */

static uint32_t milliseconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void show_result(const struct told_result *result)
{
	results_bad++;
	printf("# round %u: call %u(%x, %x, %x, %x) returned %d\n", (unsigned)round_number,
	       (unsigned)result->call, (unsigned)result->arguments[0],
	       (unsigned)result->arguments[1], (unsigned)result->arguments[2],
	       (unsigned)result->arguments[3], (int)result->result);
}

/* What was overwritten by a step is no count. */
static uint32_t calls_told(const struct castle_message *message)
{
	uint32_t calls;

	memcpy(&calls, message->data, sizeof calls);
	return calls <= TELL_MOST ? calls : 0;
}

static void read_messages(void)
{
	struct castle_message message;

	while (castle_receive(&message, CASTLE_NOWAIT) == 0)
		if (message.kind == TOLD_CALLS && message.size == sizeof(uint32_t))
			calls_made += calls_told(&message);
		else if (message.kind == TOLD_RESULT && message.size == sizeof(struct told_result))
			show_result((struct told_result *)message.data);
}

/*
 * What is left may go on for ever, and rightly so: a handler of SIGSEGV that returns to the fault,
 * or a library whose lists have been overwritten. All of it has higher numbers than this process.
 */
static bool end_all(void)
{
	for (int tries = 0; tries < END_TRIES; tries++) {
		const int count = process_list();

		read_messages();
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		if (count == processes_before)
			return true;
		for (int i = 0; i < count; i++)
			if (processes[i].pid > master_pid)
				kill(processes[i].pid, SIGKILL);
		usleep(POLL_US);
	}
	return false;
}

static void show_left(void)
{
	const int count = process_list();

	for (int i = 0; i < count; i++)
		printf("# left: process %d (%s) of %d, state %c, %u threads\n",
		       (int)processes[i].pid, processes[i].program, (int)processes[i].parent,
		       (char)processes[i].state, (unsigned)processes[i].threads);
}

static bool one_round(void)
{
	const uint32_t start = milliseconds_now();
	int started = 0;

	rounds_made++;
	if (choices.verbose)
		printf("# round %u\n", (unsigned)round_number);
	fflush(stdout);
	for (uint32_t i = 0; i < PROCESSES_MAX; i++) {
		const int pid = choices.processes >> i & 1 ? fork() : -1;

		if (pid == 0)
			be_process(i);
		started += pid > 0;
	}
	while (started > 0 && milliseconds_now() - start < choices.life_ms) {
		read_messages();
		if (waitpid(-1, NULL, WNOHANG) > 0)
			started--;
		else
			usleep(POLL_US);
	}
	if (end_all()) {
		names_remove();
		return true;
	}
	show_left();
	return false;
}

static bool all_ended;

/* As many rounds as were asked for, or as it takes; on a slow machine a round may get to few calls.
 */
static void all_rounds(void)
{
	const uint32_t calls_before = calls_made;
	const uint32_t most = choices.rounds ? choices.rounds : choices.calls / CALLS_OF_ROUND + 1;

	round_number = choices.round_first;
	all_ended = true;
	do {
		all_ended &= one_round();
		round_number++;
	} while (round_number - choices.round_first < most &&
		 (choices.rounds || calls_made - calls_before < choices.calls));
}

/* --- what must come back ---------------------------------------------------------------------- */

static struct castle_cache_info caches[CACHES_MAX];

static uint32_t caches_read(uint32_t in_use[CACHES_MAX])
{
	const uint32_t size = castle_info(CASTLE_INFO_CACHES, caches, sizeof caches);
	const uint32_t count = size / sizeof *caches;

	for (uint32_t i = 0; i < count && i < CACHES_MAX; i++)
		in_use[i] = caches[i].in_use;
	return count;
}

/* Takes all memory there is, so that the kernel gives back what it keeps ready, and ends for it. */
static void take_all_memory(void)
{
	const int pid = fork();

	if (pid == 0) {
		signal(SIGSEGV, _exit);
		for (;;) {
			char *const page = sbrk(SQUEEZE_STEP);

			if (page == (char *)-1)
				_exit(0);
			for (int i = 0; i < SQUEEZE_STEP; i += CASTLE_PAGE)
				*(volatile char *)(page + i) = 1;
		}
	}
	waitpid(pid, NULL, 0);
}

/* Pages that are free, or hold objects: which ones those lie in is a matter of chance. */
static uint32_t own_pages(void)
{
	const int count = process_list();

	for (int i = 0; i < count; i++)
		if (processes[i].pid == master_pid)
			return processes[i].pages;
	return 0;
}

/* Those of this process are not lost: how many it touches depends on what it gets to see. */
static long pages_now(void)
{
	struct castle_memory_info memory;

	castle_info(CASTLE_INFO_MEMORY, &memory, sizeof memory);
	return memory.free_pages + memory.slab_pages + own_pages();
}

/* What is lost is lost each time, so there are three tries. */
static void test_memory(void)
{
	const struct choices chosen = choices;
	long before, lost = 0;

	choices.rounds = 2; /* whatever is needed once */
	all_rounds();
	choices = chosen;
	for (int tries = 0; tries < TRIES; tries++) {
		take_all_memory();
		before = pages_now();
		all_rounds();
		take_all_memory();
		lost = before - pages_now();
		if (lost <= 0)
			break;
		printf("# %ld pages less\n", lost);
	}
	ok(lost <= 0, "calls at random leave no memory behind");
}

/*
 * A call may send a message to a process that is older than the fuzzer, which never receives it; it
 * is kept, and rightly so. The mailboxes of those are filled before objects are counted.
 */
static void fill_mailboxes(void)
{
	const int count = process_list();

	for (int i = 0; i < count; i++) {
		struct castle_message message = { .to = processes[i].pid };
		const int pid = processes[i].pid < master_pid ? fork() : -1;

		if (pid == 0)
			for (;;)
				castle_call1(CASTLE_CALL_send, (uint32_t)&message);
		if (pid < 0)
			continue;
		usleep(FILL_US);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
}

/* The same with objects of the kernel's. */
static void test_objects(void)
{
	static uint32_t before[CACHES_MAX], after[CACHES_MAX];
	uint32_t count = 0;

	choices.rounds = choices.rounds ? choices.rounds : 2;
	for (int tries = 0; tries < TRIES; tries++) {
		count = caches_read(before);
		all_rounds();
		caches_read(after);
		if (memcmp(before, after, sizeof before) == 0)
			break;
	}
	for (uint32_t i = 0; i < count; i++)
		if (before[i] != after[i])
			printf("# %s: %u objects, then %u\n", caches[i].name, (unsigned)before[i],
			       (unsigned)after[i]);
	ok(memcmp(before, after, sizeof before) == 0, "and no object of the kernel's");
}

/* --- the command line ------------------------------------------------------------------------- */

/* A list of numbers: the kinds that are left out. */
static void leave_out(const char *list)
{
	char *end;

	while (*list) {
		const uint32_t index = strtoul(list, &end, 10);

		if (index < KINDS_MAX)
			choices.kind_left_out[index] = true;
		list = *end ? end + 1 : end;
	}
}

static void list_kinds(void)
{
	for (uint32_t i = 0; i < kind_count(); i++)
		printf("%u %s\n", (unsigned)i, kind_name(i));
}

static int usage(void)
{
	puts("usage: fuzz [-s SEED] [-n CALLS] [-r FIRST ROUND] [-c ROUNDS] [-p PROCESSES, bits] "
	     "[-t THREADS, bits]\n"
	     "            [-f FIRST STEP] [-k STEPS] [-x KIND,KIND...: without these] [-m LIFE, "
	     "ms] [-v] | -l: list kinds");
	return 2;
}

static bool choose(char option, const char *value)
{
	uint32_t *const numbers[] = { ['s'] = &choices.seed,        ['n'] = &choices.calls,
				      ['r'] = &choices.round_first, ['c'] = &choices.rounds,
				      ['p'] = &choices.processes,   ['t'] = &choices.threads,
				      ['f'] = &choices.step_first,  ['k'] = &choices.steps,
				      ['m'] = &choices.life_ms };

	if (option == 'x')
		leave_out(value);
	else if ((uint8_t)option < sizeof numbers / sizeof *numbers && numbers[(uint8_t)option])
		*numbers[(uint8_t)option] = strtoul(value, NULL, 0);
	else
		return false;
	return true;
}

int main(int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "s:n:r:c:p:t:f:k:x:m:vl")) != -1) {
		if (option == 'l') {
			list_kinds();
			return 0;
		}
		if (option == 'v')
			choices.verbose = true;
		else if (!choose(option, optarg))
			return usage();
	}
	master_pid = getpid();
	names_remember();
	fill_mailboxes();
	processes_before = process_list();
	test_memory();
	test_objects();
	ok(all_ended, "no process is left");
	ok_is(results_bad, 0, "every result is one that a call may have");
	printf("# %u calls in %u rounds, seed %u\n", (unsigned)calls_made, (unsigned)rounds_made,
	       (unsigned)choices.seed);
	return done_testing();
}
