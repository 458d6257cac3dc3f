/*
 * The process of a pair is killed with its application thread in each of its states, and the pair's
 * halves end in other ways than they should: nothing may be left on either side.
 */
#include "../common/tap.h"
#include "pair.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MANY_THREADS 500

static void spin(void)
{
	for (;;)
		;
}

static void call(void)
{
	marker(1);
}

static void fault(void)
{
	__asm__ volatile("movl $1, 8");
}

static void make_new(void)
{
	pair_create(device_open(), spin);
}

static void make_running(void)
{
	pair_start(spin);
}

static void make_queued(void)
{
	const int fd = device_open();

	for (int i = 0; i < 40; i++) {
		const struct pair pair = pair_create(fd, spin);
		castle_call3(CASTLE_CALL_ioctl, fd, CASTLE_APKERN_THREAD_START, pair.id);
	}
}

static void make_forwarding(void)
{
	const struct pair pair = pair_start(call);

	while (!pair.area->bootstrap_has_msg)
		;
}

static void make_faulting(void)
{
	const struct pair pair = pair_start(fault);

	while (!pair.area->bootstrap_has_msg)
		;
}

static void make_answered(void)
{
	const struct pair pair = pair_start(call);

	pair_wait(&pair);
	pair_answer(&pair, 0);
}

static void make_stopped(void)
{
	const struct pair pair = pair_start(spin);
	struct castle_apkern_registers registers;

	pair_registers(&pair, CASTLE_APKERN_STOP, &registers);
}

static void make_away(void)
{
	const struct pair pair = pair_start(spin);
	struct castle_apkern_registers registers;

	pair_registers(&pair, CASTLE_APKERN_STOP | CASTLE_APKERN_LEAVE, &registers);
}

static void exit_here(void)
{
	castle_int80_call2(CASTLE_CALL_exit, 0, 0);
}

static void make_ended(void)
{
	const struct pair pair = pair_start(exit_here);

	pair_wait(&pair);
}

static void make_waiting(void)
{
	const struct pair pair = pair_start(spin);

	pair_wait(&pair);
}

static void make_many(void)
{
	const int fd = device_open();

	for (int i = 0; i < MANY_THREADS; i++) {
		const struct pair pair = pair_create(fd, call);
		castle_call3(CASTLE_CALL_ioctl, fd, CASTLE_APKERN_THREAD_START, pair.id);
	}
}

/* A pair of threads that compute in one container: its directory is in use on two processors. */
static void make_two_running(void)
{
	struct pair pair;

	free(malloc(8 << 20)); /* beyond the initial 4 MB */
	pair = pair_start(spin);
	pair = pair_create(pair.fd, spin);
	castle_call3(CASTLE_CALL_ioctl, pair.fd, CASTLE_APKERN_THREAD_START, pair.id);
}

static void *leave_a_pair(void *argument)
{
	pair_start(spin);
	return argument;
}

/* The bootstrap thread ends, its process does not. */
static void make_abandoned(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, leave_a_pair, NULL);
	pthread_join(thread, NULL);
}

static void exec_with_pair(void)
{
	char *argv[] = { "sleep", "100", NULL };

	pair_start(spin);
	execv("/bin/sleep", argv);
}

/* Without close-on-exec, the new program has a descriptor of its former container. */
static void exec_with_descriptor(void)
{
	char *argv[] = { "sleep", "100", NULL };
	const struct pair pair = pair_start(spin);

	fcntl(pair.fd, F_SETFD, 0);
	execv("/bin/sleep", argv);
}

static const struct {
	const char *name;
	void (*make)(void);
} cases[] = {
	{ "new", make_new },
	{ "running", make_running },
	{ "queued", make_queued },
	{ "forwarding", make_forwarding },
	{ "forwarding a fault", make_faulting },
	{ "answered", make_answered },
	{ "stopped", make_stopped },
	{ "away", make_away },
	{ "ended", make_ended },
	{ "running, the bootstrap thread waiting", make_waiting },
	{ "many, forwarding", make_many },
	{ "two running", make_two_running },
	{ "running, the bootstrap thread ended", make_abandoned },
	{ "running, the process in exec", exec_with_pair },
	{ "running, its descriptor kept over exec", exec_with_descriptor },
};

static int threads_before; /* of processes that have nothing to do with the test */

static int threads_left(void)
{
	return threads_known() - threads_before;
}

static pid_t child_start(void (*make)(void))
{
	const pid_t pid = fork();

	if (pid == 0) {
		make();
		for (;;)
			pause();
	}
	return pid;
}

static void kill_after(void (*make)(void), unsigned microseconds)
{
	const pid_t pid = child_start(make);

	usleep(microseconds);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void test_state(const char *name, void (*make)(void))
{
	long before;

	for (int i = 0; i < 2; i++) /* caches fill */
		kill_after(make, 20000);
	before = free_pages();
	for (int i = 0; i < 3; i++)
		kill_after(make, 20000 + i);
	ok(threads_left() == 0, "killed while its thread is %s: no thread is left", name);
	ok_memory_is(before, "and no memory is lost");
}

static void test_exit(void)
{
	const long before = free_pages();

	ok_is(in_child(make_running), 0, "a process that ends with its thread running");
	ok_is(threads_left(), 0, "leaves no thread");
	ok_memory_is(before, "and no memory");
}

/*
 * The parent's descriptor is also its child's: the thread lives until the child gives it up. The
 * driver may look at it all the time (apkern.migrate=on: at threads that are away).
 */
static void test_orphan(const char *name, void (*make)(void))
{
	const long before = free_pages();
	int ends[2];
	char byte;
	pid_t parent;

	pipe(ends);
	parent = fork();
	if (parent == 0) {
		make();
		if (fork() == 0) {
			close(ends[1]);
			read(ends[0], &byte, 1);
			_exit(0);
		}
		for (;;)
			pause();
	}
	usleep(50000);
	kill(parent, SIGKILL);
	waitpid(parent, NULL, 0);
	usleep(50000);
	ok(threads_left() == 1, "a descriptor that a child has too keeps its thread, %s", name);
	close(ends[1]);
	close(ends[0]);
	usleep(50000);
	ok_is(threads_left(), 0, "until the child has ended");
	ok_memory_is(before, "and the memory is back");
}

void test_deaths(void)
{
	threads_before = threads_known();
	ok(threads_before >= 0, "the driver tells how many threads there are");
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++)
		test_state(cases[i].name, cases[i].make);
	test_exit();
	test_orphan("running", make_running);
	test_orphan("away", make_away);
}
