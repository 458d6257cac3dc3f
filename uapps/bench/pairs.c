/*
 * pairs: every two operations at once, in two processes on CPUs of their own, on objects of their
 * own unless the name says shared: what `make conflicts` counts the lines of (Clements et al., The
 * Scalable Commutativity Rule, SOSP 2013). A mark before and one after; the parent sleeps
 * meanwhile.
 *
 * The processes meet by the clock alone. They share no memory, and a call would touch the kernel's.
 *
 * Where the machine is divided into partitions, the second process is in the second one, the
 * child of another `pairs -e` there, which is told by messages when to begin.
 */
#include "common/bench.h"

#include <castle/castle.h>
#include <castle/partition.h>
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SPAN       100000 /* cycles for a step, doubled each time that it was too short */
#define TRIES      8
#define COUNT      4 /* operations of each process, if -n does not say it */
#define WARM_UP    3
#define PAGE_SIZE  4096
#define NAME_SIZE  40
#define SHARED     "/tmp/pairs-shared"
#define SHARED_DIR "/tmp/pairs-dir"
#define FIRST      1 /* partitions */
#define SECOND     2
#define LOOK_US    10000

/* How a child ends: with the CPU that it was on, from IN_TIME on, or LATE; anything less is a
 * failure. */
#define IN_TIME 32
#define LATE    100

static char own[NAME_SIZE], own_new[NAME_SIZE], in_shared[NAME_SIZE]; /* files of this process */
static int file = -1, ends[2];
static char *fresh; /* pages not touched yet */
static const char *chosen;
static int partition = -1; /* /dev/partition; < 0: the machine is one system */
static int is_other;       /* in the second partition */

/* --- the operations: each does its own once --------------------------------------------------- */

static int do_getpid(void)
{
	return getpid() > 0;
}

static int do_yield(void)
{
	return sched_yield() == 0;
}

static int do_stat(void)
{
	struct stat status;

	return stat(own, &status) == 0;
}

static int do_open(void)
{
	return close(open(own, O_RDONLY)) == 0;
}

static int do_read(void)
{
	char byte;

	return pread(file, &byte, 1, 0) == 1;
}

static int do_write(void)
{
	return pwrite(file, "x", 1, 0) == 1;
}

static int do_lseek(void)
{
	return lseek(file, 0, SEEK_SET) == 0;
}

static int do_dup(void)
{
	return close(dup(file)) == 0;
}

static int create_and_unlink(const char *name)
{
	return close(open(name, O_RDWR | O_CREAT, 0600)) == 0 && unlink(name) == 0;
}

static int do_create(void)
{
	return create_and_unlink(own_new);
}

static int do_create_shared(void)
{
	return create_and_unlink(in_shared);
}

static int do_rename(void)
{
	return rename(own, own_new) == 0 && rename(own_new, own) == 0;
}

static int do_readdir(void)
{
	DIR *directory = opendir(SHARED_DIR);
	int entries = 0;

	while (directory && readdir(directory))
		entries++;
	return directory && closedir(directory) == 0 && entries > 0;
}

static int do_pipe(void)
{
	char byte = 'x';

	return write(ends[1], &byte, 1) == 1 && read(ends[0], &byte, 1) == 1;
}

static int do_message(void)
{
	static struct castle_message message;

	message.to = getpid();
	message.size = 1;
	return castle_send(&message) >= 0 && castle_receive(&message, 0) >= 0;
}

static int do_fault(void)
{
	*fresh = 1;
	fresh += PAGE_SIZE;
	return 1;
}

static int do_brk(void)
{
	return sbrk(PAGE_SIZE) != (void *)-1 && sbrk(-PAGE_SIZE) != (void *)-1;
}

static int do_fork(void)
{
	const pid_t child = fork();
	int status;

	if (child == 0)
		_exit(0);
	return child > 0 && waitpid(child, &status, 0) == child;
}

static int do_spawn(void)
{
	char *arguments[] = { "nothing", NULL };
	pid_t child;
	int status;

	return posix_spawn(&child, "/bin/nothing", NULL, NULL, arguments, NULL) == 0 &&
	       waitpid(child, &status, 0) == child;
}

static void *thread_main(void *argument)
{
	return argument;
}

static int do_thread(void)
{
	pthread_t thread;

	return pthread_create(&thread, NULL, thread_main, NULL) == 0 &&
	       pthread_join(thread, NULL) == 0;
}

/* --- what they need --------------------------------------------------------------------------- */

static void prepare_file(void)
{
	file = open(own, O_RDWR);
	bench_check(file >= 0, "open");
}

static void prepare_shared(void)
{
	file = open(SHARED, O_RDWR);
	bench_check(file >= 0, "open");
}

static void prepare_pipe(void)
{
	bench_check(pipe(ends) == 0, "pipe");
}

static void prepare_fault(void)
{
	fresh = sbrk(1 << 20);
	bench_check(fresh != (void *)-1, "sbrk");
}

struct operation {
	const char *name;
	int (*once)(void);
	void (*prepare)(void);
};

static const struct operation operations[] = {
	{ "getpid", do_getpid, NULL },
	{ "yield", do_yield, NULL },
	{ "stat", do_stat, NULL },
	{ "open", do_open, NULL },
	{ "lseek", do_lseek, prepare_file },
	{ "read", do_read, prepare_file },
	{ "read-shared", do_read, prepare_shared },
	{ "write", do_write, prepare_file },
	{ "dup", do_dup, prepare_file },
	{ "create", do_create, NULL },
	{ "create-shared", do_create_shared, NULL },
	{ "rename", do_rename, NULL },
	{ "readdir", do_readdir, NULL },
	{ "pipe", do_pipe, prepare_pipe },
	{ "message", do_message, NULL },
	{ "fault", do_fault, prepare_fault },
	{ "brk", do_brk, NULL },
	{ "fork", do_fork, NULL },
	{ "spawn", do_spawn, NULL },
	{ "thread", do_thread, NULL },
};
#define OPERATIONS (sizeof operations / sizeof *operations)

/* --- a pair ----------------------------------------------------------------------------------- */

/* By this name `make conflicts` knows what is no work. */
static __attribute__((noinline)) void wait_until(uint64_t time)
{
	while (bench_cycles() < time)
		;
}

/* Files and directories of the process: in a directory of its own. */
static void make_own(int number)
{
	snprintf(own, sizeof own, "/tmp/pairs-%d", number);
	mkdir(own, 0700);
	snprintf(own_new, sizeof own_new, "/tmp/pairs-%d/new", number);
	snprintf(own, sizeof own, "/tmp/pairs-%d/file", number);
	snprintf(in_shared, sizeof in_shared, SHARED_DIR "/%d", number);
	file = open(own, O_RDWR | O_CREAT, 0600);
	bench_check(file >= 0 && write(file, "x", 1) == 1 && close(file) == 0, "own file");
}

static void repeat(const struct operation *operation, uint32_t count)
{
	for (; count > 0; count--)
		bench_check(operation->once(), operation->name);
}

/* The number of this processor in the machine: a partition has only one, which is 0 to its
 * programs. */
static int cpu_here(void)
{
	struct castle_partition_info info = { .partition = 0 };

	if (partition < 0)
		return castle_getcpu();
	bench_check(ioctl(partition, CASTLE_PARTITION_INFO, &info) == 0, "this partition");
	return (int)info.apic;
}

/* Child `number` of a pair. Its steps begin `span` cycles after each other, by the clock; the first
 * child marks. */
static __attribute__((noreturn)) void child(int number, const struct operation *operation,
					    const char *window, uint64_t start, uint64_t span)
{
	int cpu, late;

	wait_until(start + span);
	cpu = cpu_here();
	if (operation->prepare)
		operation->prepare();
	repeat(operation, WARM_UP);
	late = bench_cycles() > start + 2 * span;
	wait_until(start + 2 * span);
	if (number == 0)
		castle_mark(window);
	late |= bench_cycles() > start + 3 * span;
	wait_until(start + 3 * span);
	repeat(operation, bench_rounds());
	late |= bench_cycles() > start + 4 * span;
	wait_until(start + 4 * span);
	if (number == 0)
		castle_mark("end");
	_exit(late ? LATE : IN_TIME + cpu);
}

static pid_t start_child(int number, const struct operation *operation, const char *window,
			 uint64_t start, uint64_t span)
{
	pid_t pid;

	make_own(number);
	pid = fork();
	bench_check(pid >= 0, "fork");
	if (pid == 0)
		child(number, operation, window, start, span);
	return pid;
}

/* The CPU that the child was on; LATE - IN_TIME: it was late. */
static int await_child(pid_t pid)
{
	int status;

	bench_check(waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
			    WEXITSTATUS(status) >= IN_TIME,
		    "an operation");
	return WEXITSTATUS(status) - IN_TIME;
}

/* --- two partitions --------------------------------------------------------------------------- */

/* A message to the second partition: which operation (OPERATIONS: there is none any more), and
 * when; a message from there: that it is there, and then how each child has ended. */
enum { OPERATION, START_LOW, START_HIGH, SPAN_LOW, SPAN_HIGH, RESULT = 0 };

static void tell_other(uint32_t operation, uint64_t start, uint64_t span)
{
	struct castle_partition_message message = {
		SECOND, { operation, start, start >> 32, span, span >> 32 }
	};

	bench_check(ioctl(partition, CASTLE_PARTITION_SEND, &message) == 0, "send");
}

static uint32_t hear(struct castle_partition_message *message)
{
	bench_check(ioctl(partition, CASTLE_PARTITION_RECEIVE, message) == 0, "receive");
	return message->words[RESULT];
}

/* The first partition may still be booting. */
static void answer(uint32_t result)
{
	struct castle_partition_message message = { FIRST, { result } };

	while (ioctl(partition, CASTLE_PARTITION_SEND, &message) != 0)
		usleep(LOOK_US);
}

static uint64_t two_words(const uint32_t *words)
{
	return words[0] | (uint64_t)words[1] << 32;
}

/* What the second partition does. */
static void serve(void)
{
	struct castle_partition_message message;

	for (answer(0); hear(&message) < OPERATIONS;)
		answer((uint32_t)await_child(start_child(1, &operations[message.words[OPERATION]],
							 "", two_words(&message.words[START_LOW]),
							 two_words(&message.words[SPAN_LOW]))));
}

/* --- all pairs -------------------------------------------------------------------------------- */

/* Tries a pair; whether both were on time, on CPUs of their own. */
static int run_pair(const struct operation *const pair[2], const char *window, uint64_t span,
		    int cpus[2])
{
	const uint64_t start = bench_cycles() + span;
	struct castle_partition_message message;
	pid_t children[2] = { 0, 0 };

	if (partition >= 0)
		tell_other((uint32_t)(pair[1] - operations), start, span);
	for (int i = 0; i < (partition >= 0 ? 1 : 2); i++)
		children[i] = start_child(i, pair[i], window, start, span);
	cpus[0] = await_child(children[0]);
	cpus[1] = partition >= 0 ? (int)hear(&message) : await_child(children[1]);
	return cpus[0] < LATE - IN_TIME && cpus[1] < LATE - IN_TIME && cpus[0] != cpus[1];
}

static void measure_pair(const struct operation *first, const struct operation *second, int number)
{
	const struct operation *const pair[2] = { first, second };
	static uint64_t span = SPAN;
	char window[9];
	int cpus[2], good = 0;

	snprintf(window, sizeof window, "p%03d", number % 1000);
	for (int try = 0; try < TRIES && !good; try++) {
		good = run_pair(pair, window, span, cpus);
		if (!good)
			span *= 2;
	}
	bench_check(good, "two processes on CPUs of their own, in time");
	span = span > SPAN ? span / 2 : SPAN;
	bench_parameters("\"window\":\"%s\",\"first\":\"%s\",\"second\":\"%s\",\"first_cpu\":%d,"
			 "\"second_cpu\":%d",
			 window, first->name, second->name, cpus[0], cpus[1]);
	bench_record("operations", bench_rounds(), bench_rounds(), bench_rounds(), 1, "operations");
}

/* Whether the name is among those chosen. */
static int is_chosen(const char *name)
{
	const size_t length = strlen(name);

	for (const char *at = chosen; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
		if (strncmp(at, name, length) == 0 && (at[length] == ',' || !at[length]))
			return 1;
	return !chosen;
}

static int set_chosen(const char *value)
{
	chosen = value;
	return 1;
}

static int set_other(const char *value)
{
	(void)value;
	is_other = 1;
	return 1;
}

/* What all operations of this system may need. */
static void prepare(void)
{
	mkdir(SHARED_DIR, 0700);
	make_own(0);
	bench_check(close(open(SHARED_DIR "/entry", O_RDWR | O_CREAT, 0600)) == 0, SHARED_DIR);
	file = open(SHARED, O_RDWR | O_CREAT, 0600);
	bench_check(file >= 0 && write(file, "x", 1) == 1 && close(file) == 0, SHARED);
}

static void measure_all(void)
{
	int number = 0;

	for (size_t i = 0; i < OPERATIONS; i++)
		for (size_t j = 0; j <= i; j++)
			if (is_chosen(operations[i].name) && is_chosen(operations[j].name))
				measure_pair(&operations[i], &operations[j], number++);
}

int main(int argc, char **argv)
{
	static const struct bench_option options[] = {
		{ "-o", "NAMES", "these operations only, with commas between them", set_chosen },
		{ "-e", NULL, "be the other process's parent, in partition 2", set_other },
	};
	static const struct bench_program program = {
		"pairs", "Every two operations at once, between marks.", COUNT, options, 2
	};
	struct castle_partition_message message;

	bench_start_options(argc, argv, &program);
	partition = open(CASTLE_PARTITION_DEVICE, O_RDWR);
	bench_check(partition >= 0 || castle_program_cpus() > 1, "two CPUs for programs");
	prepare();
	if (is_other) {
		serve();
		return 0;
	}
	if (partition >= 0)
		hear(&message);
	measure_all();
	if (partition >= 0)
		tell_other(OPERATIONS, 0, 0);
	return 0;
}
