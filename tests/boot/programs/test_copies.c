/*
 * What a forked process shares with its parent until one of the two writes: each sees its own, of
 * variables, heap and stack, whether the program or the kernel writes; several generations; threads
 * on either side; memory that ends with a write; and every page comes back.
 */
#include <castle/castle.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "common/tap.h"

#define PAGE        4096
#define PAGES       256
#define GENERATIONS 5
#define ROUNDS      40

static int variable = 1;
static char pages[PAGES][PAGE];
static char constant[PAGE] = "a page from the program's file";

static void fill(char value)
{
	for (int i = 0; i < PAGES; i++)
		memset(pages[i], value + i % 16, PAGE);
}

static bool is_filled(char value)
{
	for (int i = 0; i < PAGES; i++)
		if (pages[i][0] != value + i % 16 || pages[i][PAGE - 1] != value + i % 16)
			return false;
	return true;
}

static int status_of(pid_t pid)
{
	int status = -1;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	return status;
}

/* Of all processors. */
static uint32_t pages_shared(void)
{
	static struct castle_statistics each[CASTLE_CPUS_MAX];
	const int size = castle_info(CASTLE_INFO_STATISTICS, each, sizeof each);
	uint32_t sum = 0;

	for (int i = 0; i < size / (int)sizeof *each; i++)
		sum += each[i].shared;
	return sum;
}

static void child_writes(void)
{
	const bool same = is_filled('a') && variable == 1;

	fill('A');
	variable = 2;
	_exit(same && is_filled('A') ? 0 : 1);
}

static void test_child_writes(void)
{
	fill('a');
	ok_is(in_child(child_writes), 0, "a child finds what its parent had, and writes its own");
	ok(is_filled('a') && variable == 1, "of which the parent sees nothing");
}

/* The child looks when the parent has written. */
static void test_parent_writes(void)
{
	int to_child[2];
	char byte;
	pid_t pid;

	if (pipe(to_child) != 0)
		_exit(1);
	fill('b');
	pid = fork();
	if (pid == 0) {
		read(to_child[0], &byte, 1);
		_exit(is_filled('b') ? 0 : 1);
	}
	fill('c');
	write(to_child[1], "x", 1);
	ok_is(status_of(pid), 0, "a child sees nothing of what its parent writes");
	ok(is_filled('c'), "and the parent does");
	close(to_child[0]);
	close(to_child[1]);
}

/* Each writes some pages of its own; the youngest goes first or last. */
static int generation(int left)
{
	pid_t pid;
	bool good;

	if (left == 0)
		return is_filled('d') ? 0 : 1;
	pid = fork();
	if (pid == 0)
		_exit(generation(left - 1));
	pages[left][0] = 'x';
	good = pages[left][0] == 'x' && pages[left][1] == 'd' + left % 16;
	if (status_of(pid) != 0)
		good = false;
	pages[left][0] = 'd' + left % 16;
	return good && is_filled('d') ? 0 : 1;
}

static void test_generations(void)
{
	fill('d');
	ok_is(generation(GENERATIONS), 0, "five generations have a page each of their own");
	ok(is_filled('d'), "and none of another's");
}

/* The kernel's writes are like the program's own: from a file, of a status, and of a number. */
static void kernel_writes(void)
{
	int ends[2], status;
	pid_t pid;

	if (pipe(ends) != 0 || write(ends[1], "kernel", 6) != 6)
		_exit(1);
	if (read(ends[0], pages[7] + PAGE - 3, 6) != 6)
		_exit(2);
	pid = fork();
	if (pid == 0)
		_exit(9);
	*(int *)pages[9] = 0;
	if (waitpid(pid, (int *)pages[9], 0) != pid)
		_exit(3);
	status = *(int *)pages[9];
	_exit(memcmp(pages[7] + PAGE - 3, "kernel", 6) == 0 && WEXITSTATUS(status) == 9 ? 0 : 4);
}

static void test_kernel_writes(void)
{
	fill('e');
	ok_is(in_child(kernel_writes), 0, "the kernel writes into a child's own pages, across two");
	ok(is_filled('e'), "and not into its parent's");
}

/* What is protected stays so, shared or not. */
static void write_code(void)
{
	*(volatile char *)(uintptr_t)test_kernel_writes = 0;
	_exit(0);
}

static void read_into_code(void)
{
	int ends[2];

	if (pipe(ends) != 0 || write(ends[1], "kernel", 6) != 6)
		_exit(1);
	_exit(read(ends[0], (void *)(uintptr_t)test_kernel_writes, 6) == -1 && errno == EFAULT ? 0
											       : 2);
}

static void test_protection(void)
{
	ok_is(in_child(write_code), SIGSEGV, "a child cannot write code");
	ok_is(in_child(read_into_code), 0, "nor can the kernel for it");
	constant[0] = 'A';
	ok(constant[0] == 'A' && constant[1] == ' ', "variables from the file can be written");
}

static volatile sig_atomic_t handled;

static void handler(int number)
{
	handled = number;
}

/* Its frame goes to a stack that both have, and the handler's variable to a page of both. */
static void child_takes_signal(void)
{
	raise(SIGUSR1);
	_exit(handled == SIGUSR1 ? 0 : 1);
}

static void test_signal(void)
{
	signal(SIGUSR1, handler);
	ok_is(in_child(child_takes_signal), 0, "a child takes a signal");
	ok_is(handled, 0, "which its parent knows nothing of");
	raise(SIGUSR1);
	ok_is(handled, SIGUSR1, "and takes one, too");
	signal(SIGUSR1, SIG_DFL);
}

static volatile bool stop;

/* Writes all pages again and again, each time the same value to all of them. */
static void *writer(void *argument)
{
	(void)argument;
	while (!stop) {
		variable++;
		sched_yield();
	}
	return NULL;
}

static void *fill_pages(void *value)
{
	fill((char)(intptr_t)value);
	return NULL;
}

static void child_makes_threads(void)
{
	pthread_t threads[2];

	for (int i = 0; i < 2; i++)
		if (pthread_create(&threads[i], NULL, fill_pages, (void *)'g') != 0)
			_exit(1);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	_exit(is_filled('g') ? 0 : 2);
}

static void test_threads(void)
{
	pthread_t thread;

	fill('f');
	ok_is(in_child(child_makes_threads), 0, "threads of a child write what it shared");
	ok(is_filled('f'), "and not its parent's");
	stop = false;
	if (pthread_create(&thread, NULL, writer, NULL) != 0)
		_exit(1);
	variable = 1;
	ok(WIFEXITED(in_child(child_makes_threads)),
	   "a process with threads forks while one writes");
	stop = true;
	pthread_join(thread, NULL);
	ok(is_filled('f'), "and keeps its pages");
	variable = 1;
	ok_is(in_child(child_makes_threads), 0, "one that had threads forks");
	ok(is_filled('f'), "and keeps its pages");
}

/* A child that is killed while it writes leaves nothing behind, and takes nothing along. */
static void kill_writers(void)
{
	fill('h');
	for (int i = 0; i < ROUNDS; i++) {
		const pid_t pid = fork();
		if (pid == 0)
			for (;;)
				fill('H');
		if (i % 2)
			sched_yield();
		fill('h');
		kill(pid, SIGKILL);
		status_of(pid);
	}
}

static char *most_of_memory(size_t *size)
{
	*size = free_pages() * 6 / 10 * PAGE;
	return malloc(*size);
}

static void writes_all(char *memory, size_t size)
{
	for (size_t at = 0; at < size; at += PAGE)
		memory[at] = 'W';
}

static bool is_all(const char *memory, size_t size, char value)
{
	for (size_t at = 0; at < size; at += PAGE)
		if (memory[at] != value)
			return false;
	return true;
}

/*
 * In a child, whose memory goes with it. More than half of all memory cannot be forked: there would
 * be too little if both wrote all of it.
 */
static void forks_large(void)
{
	size_t size;
	char *memory = most_of_memory(&size);
	pid_t pid;

	if (!memory)
		_exit(1);
	memset(memory, 'M', size);
	pid = fork();
	if (pid == 0)
		_exit(2);
	if (pid > 0)
		_exit(status_of(pid) ? 3 : 4);
	if (errno != ENOMEM || !is_all(memory, size, 'M'))
		_exit(5);
	writes_all(memory, size);
	_exit(is_all(memory, size, 'W') ? 0 : 6);
}

static void test_large(void)
{
	ok_is(in_child(forks_large), 0,
	      "more than half of all memory cannot be forked, and stays as it is");
}

/* Pages that a child neither writes nor its parent take no memory. */
static void test_sharing(void)
{
	const uint32_t shared = pages_shared();
	long before;
	int ends[2];
	char byte;
	pid_t pid;

	if (pipe(ends) != 0)
		_exit(1);
	fill('i');
	before = free_pages();
	pid = fork();
	if (pid == 0)
		_exit(read(ends[0], &byte, 1) == 1 && is_filled('i') ? 0 : 1);
	ok(pages_shared() == shared || before - free_pages() < PAGES / 2,
	   "a child that writes nothing takes less than half of its memory");
	write(ends[1], "x", 1);
	ok_is(status_of(pid), 0, "and sees all of it");
	close(ends[0]);
	close(ends[1]);
}

static int told[2];

static void hold_memory(int number)
{
	(void)number;
	write(told[1], "x", 1);
	for (;;)
		pause();
}

/* Takes memory until there is no more, to the page. */
static void take_all(void)
{
	signal(SIGSEGV, hold_memory);
	for (size_t size = PAGES * PAGE; size >= PAGE; size /= 2)
		for (char *memory; (memory = malloc(size));)
			memset(memory, 'T', size);
	hold_memory(0);
}

/*
 * The child shares what its parent has, and takes all other memory. That the parent can write, all
 * the same, is because for each page that is shared a free one is kept back.
 */
static void test_no_memory_left(void)
{
	char byte;
	pid_t pid;

	if (pipe(told) != 0 || write(told[1], "x", 1) != 1 || read(told[0], &byte, 1) != 1)
		_exit(1);
	fill('j');
	pid = fork();
	if (pid == 0)
		take_all();
	ok(read(told[0], &byte, 1) == 1 && free_pages() < 2 * PAGES,
	   "a child takes all memory but what is kept back");
	fill('k');
	ok(is_filled('k'), "and its parent writes what it has");
	kill(pid, SIGKILL);
	ok_is(status_of(pid), SIGKILL, "the child is there until it is killed");
	close(told[0]);
	close(told[1]);
}

static void fork_and_write(void)
{
	in_child(child_writes);
}

int main(void)
{
	test_child_writes();
	test_parent_writes();
	test_generations();
	test_kernel_writes();
	test_protection();
	test_signal();
	test_sharing();
	test_large();
	test_no_memory_left();
	ok_leaves_memory(kill_writers, "writers that are killed leave memory as it is");
	fill('a');
	variable = 1;
	ok_leaves_memory(fork_and_write, "so do those that end by themselves");
	test_threads();
	return done_testing();
}
