/*
 * Programs on the application kernel as the C library starts them: processes of both kinds side by
 * side, death in the middle of whatever a pair does, and no memory for the making of one.
 */
#include "common/cpus.h"
#include "common/tap.h"

#include <castle/castle.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM   "/bin/test_pairs"
#define FREE_MOST 60 /* pages left at the start of the walk through all allocations of a fork */

/* --- turns ------------------------------------------------------------------------------------ */

#define CALLS           200
#define TURNS           20000 /* of an empty loop: a time slice has hundreds of them */
#define TURNS_EACH_CALL 100

static volatile bool counting;
static uint32_t counts;

static void *count_turns(void *unused)
{
	(void)unused;
	while (counting) {
		for (volatile uint32_t i = 0; i < TURNS; i++)
			;
		__atomic_fetch_add(&counts, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

/*
 * Who makes a call need not wait behind who computes: a time slice for each call would be far more
 * than is allowed here. On one processor for programs only: the host must run all of them at once.
 */
static void test_turns(void)
{
	pthread_t thread;

	counting = true;
	pthread_create(&thread, NULL, count_turns, NULL);
	while (!__atomic_load_n(&counts, __ATOMIC_RELAXED))
		getpid();
	counts = 0;
	for (uint32_t i = 0; i < CALLS; i++)
		getppid();
	ok(__atomic_load_n(&counts, __ATOMIC_RELAXED) < CALLS * TURNS_EACH_CALL,
	   "a thread that makes calls gets on beside one that computes (%lu turns)",
	   (unsigned long)counts);
	counting = false;
	pthread_join(thread, NULL);
}

/* --- side by side ----------------------------------------------------------------------------- */

/* What this program does when it is told so: passes bytes on, and says where it ran. */
static int relay(void)
{
	const char cpu = castle_getcpu() ? 'A' : 'B';
	char byte;

	while (read(0, &byte, 1) == 1)
		write(1, &byte, 1);
	write(1, &cpu, 1);
	return 0;
}

static pid_t start_relay(int from, int to, bool native)
{
	char *const arguments[] = { PROGRAM, "relay", NULL };
	char *const native_environment[] = { "NOAPPKERN=1", NULL };
	char *const environment[] = { NULL };
	const struct castle_spawn_action actions[] = {
		{ .action = CASTLE_SPAWN_DUP2, .fd = from, .new_fd = 0 },
		{ .action = CASTLE_SPAWN_DUP2, .fd = to, .new_fd = 1 },
	};
	const struct castle_spawn request = { .action_count = 2,
					      .actions = (uint32_t)actions,
					      .priority = -1 };

	return castle_call4(CASTLE_CALL_spawn, (uint32_t)PROGRAM, (uint32_t)arguments,
			    (uint32_t)(native ? native_environment : environment),
			    (uint32_t)&request);
}

/* A pipe that other programs do not inherit. */
static void private_pipe(int ends[2])
{
	pipe(ends);
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	fcntl(ends[1], F_SETFD, FD_CLOEXEC);
}

/*
 * One process of each kind, a pipe to each, and one between them. With migration the first may be
 * on the boot processor, too, by the time that it looks.
 */
static void test_side_by_side(bool migrates)
{
	int first[2], second[2], third[2], good = 0;
	char byte, where[3] = "";

	private_pipe(first);
	private_pipe(second);
	private_pipe(third);
	ok(start_relay(first[0], second[1], false) > 0 &&
		   start_relay(second[0], third[1], true) > 0,
	   "a process of each kind");
	close(second[1]);
	close(third[1]);
	for (int i = 0; i < 500; i++) {
		byte = i;
		good += write(first[1], &byte, 1) == 1 && read(third[0], &byte, 1) == 1 &&
			byte == (char)i;
	}
	ok_is(good, 500, "with a pipe between them");
	close(first[1]);
	for (int i = 0; i < 2; i++)
		read(third[0], &where[i], 1);
	ok((where[0] == 'A' || migrates) && where[1] == 'B', "each runs where it should (%s)",
	   where);
	close(first[0]);
	close(second[0]);
	close(third[0]);
	while (wait(NULL) > 0)
		;
}

/* --- deaths ----------------------------------------------------------------------------------- */

static void compute(void)
{
	for (;;)
		;
}

static void read_for_ever(void)
{
	int ends[2];
	char byte;

	pipe(ends);
	for (;;)
		read(ends[0], &byte, 1);
}

static void sleep_for_ever(void)
{
	for (;;)
		usleep(500);
}

static void call_for_ever(void)
{
	for (;;)
		getpid();
}

static void fault_for_ever(void)
{
	for (;;) {
		volatile char *const page = sbrk(4096);
		*page = 1;
	}
}

static void do_nothing(int signal)
{
	(void)signal;
}

static void signal_for_ever(void)
{
	signal(SIGUSR1, do_nothing);
	for (;;)
		raise(SIGUSR1);
}

static void fork_for_ever(void)
{
	for (;;) {
		if (fork() == 0)
			_exit(0);
		wait(NULL);
	}
}

static void *end_at_once(void *argument)
{
	return argument;
}

static void create_for_ever(void)
{
	pthread_t thread;

	for (;;)
		if (pthread_create(&thread, NULL, end_at_once, NULL) == 0)
			pthread_join(thread, NULL);
}

static void exec_for_ever(void)
{
	char *const arguments[] = { PROGRAM, "exec", NULL };

	execv(PROGRAM, arguments);
}

static void *compute_in_thread(void *argument)
{
	compute();
	return argument;
}

/* Ends while another thread computes, on a processor of its own if there is one. */
static void exit_for_ever(void)
{
	for (;;) {
		pthread_t thread;
		if (fork() == 0) {
			pthread_create(&thread, NULL, compute_in_thread, NULL);
			_exit(0);
		}
		wait(NULL);
	}
}

static void die_for_ever(void)
{
	for (;;) {
		if (fork() == 0)
			raise(SIGKILL);
		wait(NULL);
	}
}

static const struct {
	const char *name;
	void (*what)(void);
} lives[] = {
	{ "computes", compute },
	{ "waits in a call", read_for_ever },
	{ "sleeps", sleep_for_ever },
	{ "makes calls", call_for_ever },
	{ "takes page faults", fault_for_ever },
	{ "takes signals", signal_for_ever },
	{ "forks", fork_for_ever },
	{ "makes threads", create_for_ever },
	{ "becomes another program", exec_for_ever },
	{ "ends with a thread computing", exit_for_ever },
	{ "has children that are killed", die_for_ever },
};

static void kill_after(void (*what)(void), unsigned microseconds)
{
	const pid_t pid = fork();

	if (pid == 0)
		what();
	usleep(microseconds);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* How many processes there are. */
static int process_count(void)
{
	return castle_info(CASTLE_INFO_PROCESSES, NULL, 0) /
	       (int)sizeof(struct castle_process_info);
}

/*
 * Whether nothing is lost, once nothing runs any more: children of what was killed may outlive it a
 * little. There may be more than before, since a cache of kernel objects gives back what it can
 * only when the last object of a page goes.
 */
static bool memory_is_back(long before, int processes)
{
	for (int i = 0; i < 1000 && (process_count() > processes || free_pages() < before); i++)
		usleep(1000);
	return process_count() <= processes && free_pages() >= before;
}

/* At other points of its life each time. */
static void test_death(const char *name, void (*what)(void), int processes)
{
	bool back = false;

	kill_after(what, 20000);
	memory_is_back(0, processes);
	/* Again if this process itself got a page: see ok_leaves_memory(). */
	for (int tries = 0; tries < 3 && !back; tries++) {
		const long before = free_pages();
		for (unsigned i = 0; i < 12; i++)
			kill_after(what, 300 + 1100 * i);
		back = memory_is_back(before, processes);
	}
	ok(back, "killed when it %s: nothing is left of it", name);
}

static void test_deaths(void)
{
	const int processes = process_count();

	for (unsigned i = 0; i < sizeof lives / sizeof *lives; i++)
		test_death(lives[i].name, lives[i].what, processes);
}

/* --- no memory -------------------------------------------------------------------------------- */

/* Holds memory until so many pages are free, then tells, and eats one more each time it is asked.
 */
static void eat(int orders, int reports)
{
	char byte = 0;

	while (free_pages() > FREE_MOST)
		*(volatile char *)sbrk(4096) = 1;
	do {
		write(reports, &byte, 1);
		if (read(orders, &byte, 1) != 1)
			_exit(0);
		*(volatile char *)sbrk(4096) = 1;
	} while (true);
}

/* Of the last walk: whether all forks got on, or failed for want of memory in an orderly way. */
static struct {
	bool good;
	int made, tried;
} walk;

static bool fork_and_wait(void)
{
	const pid_t pid = fork();
	int status;

	if (pid < 0)
		return errno == ENOMEM || errno == EAGAIN;
	if (pid == 0)
		_exit(7);
	if (waitpid(pid, &status, 0) != pid)
		return false;
	walk.made += WIFEXITED(status) && WEXITSTATUS(status) == 7;
	/* A child that finds no memory for a page dies of that. */
	return WIFSIGNALED(status) || WEXITSTATUS(status) == 7;
}

/* From enough memory for a fork to none at all, page by page: each allocation fails once. */
static void walk_through_allocations(void)
{
	int orders[2], reports[2];
	char byte = 0;
	pid_t eater;
	long left;

	pipe(orders);
	pipe(reports);
	walk.good = true;
	walk.made = walk.tried = 0;
	eater = fork();
	if (eater == 0) {
		close(orders[1]);
		eat(orders[0], reports[1]);
	}
	close(reports[1]);
	while (read(reports[0], &byte, 1) == 1) {
		left = free_pages();
		walk.good &= fork_and_wait();
		walk.tried++;
		if (free_pages() < left - 2 || left == 0)
			break;
		write(orders[1], &byte, 1);
	}
	kill(eater, SIGKILL);
	waitpid(eater, NULL, 0);
	close(orders[0]);
	close(orders[1]);
	close(reports[0]);
}

static void test_fork_without_memory(void)
{
	kill_after(compute, 1000);
	ok_leaves_memory(walk_through_allocations, "forks with ever less memory lose nothing");
	ok(walk.good, "a fork succeeds or fails, whatever memory is left");
	ok(walk.made > 0 && walk.made < walk.tried, "both happened (%d of %d were made)", walk.made,
	   walk.tried);
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "relay") == 0)
		return relay();
	if (argc == 2 && strcmp(argv[1], "exec") == 0)
		exec_for_ever();
	if (castle_kernel_page()->application_processors)
		test_side_by_side(argc == 2 && strcmp(argv[1], "migrate") == 0);
	if (cpu_count() == 1)
		test_turns();
	test_deaths();
	test_fork_without_memory();
	return done_testing();
}
