/*
 * Global variables beyond the container's initial 4 MB: the container starts with a page directory
 * of its own, memory is given where it is touched, and the heap begins behind them.
 */
#include "common/cpus.h"
#include "common/tap.h"

#include <castle/address_map.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define AREA_SIZE   0x400000u
#define PAGE_SIZE   4096u
#define LARGE_AREAS 50 /* 200 MB: more than the machine has, and hardly touched */
#define LARGE_SIZE  (LARGE_AREAS * AREA_SIZE)
#define THREADS     4

static int small = 42;
static uint8_t large[LARGE_SIZE];
static uint8_t after[PAGE_SIZE];

static uint32_t pages_owned(void)
{
	return process_info(getpid()).pages;
}

/* One byte in each 4 MB. */
static uint8_t *byte_of(uint32_t area)
{
	return &large[area * AREA_SIZE + area];
}

static void test_start(void)
{
	/* A priority so low that it does not run as long as other processes spin. */
	const struct castle_spawn request = { .priority = CASTLE_PRIORITY_COUNT - 1 };
	char *const arguments[] = { "test_globals", "nothing", NULL };
	/* Where the kernel deals threads out, a slave has got it, and a page directory for it. */
	const uint32_t dealt = strcmp(castle_kernel_page()->mode, "masterslave") == 0 &&
			       castle_kernel_page()->cpus > 1;
	struct castle_process_info info;
	pid_t pid;

	ok_is(occupy_cpus("/bin/test_globals"), kernel_program_cpu_count(),
	      "processes spin on all CPUs");
	pid = castle_call4(CASTLE_CALL_spawn, (uint32_t) "/bin/test_globals", (uint32_t)arguments,
			   0, (uint32_t)&request);
	info = process_info(pid);
	ok_is(info.pages, 3 + dealt, "a new container with large data owns three pages");
	ok_is(info.directory, 1 + dealt, "one of them its page directory");
	release_cpus();
	ok_is(waitpid(pid, NULL, 0), pid, "it runs and ends");
}

static void test_touch(void)
{
	uint32_t before, wrong = 0;

	ok((uintptr_t)&large[LARGE_SIZE - 1] > CASTLE_INITIAL_END,
	   "the array reaches beyond the initial 4 MB");
	ok((uintptr_t)sbrk(0) >= (uintptr_t)&after[PAGE_SIZE], "the heap begins behind the data");
	before = pages_owned();
	for (uint32_t area = 0; area < LARGE_AREAS; area++)
		wrong += *byte_of(area) != 0;
	ok_is(wrong, 0, "what is touched is zero");
	ok(pages_owned() - before >= LARGE_AREAS && pages_owned() - before <= 2 * LARGE_AREAS,
	   "and takes a page each, with its page table: %u", (unsigned)(pages_owned() - before));
	for (uint32_t area = 0; area < LARGE_AREAS; area++)
		*byte_of(area) = area + 1;
	for (uint32_t area = 0; area < LARGE_AREAS; area++)
		wrong += *byte_of(area) != area + 1;
	ok_is(wrong, 0, "what is written stays");
	ok(small == 42 && after[PAGE_SIZE - 1] == 0, "what lies around is untouched");
}

static void change_all(void)
{
	for (uint32_t area = 0; area < LARGE_AREAS; area++) {
		if (*byte_of(area) != area + 1)
			_exit(1);
		*byte_of(area) = 0;
	}
	_exit(42);
}

static void change_all_in_child(void)
{
	in_child(change_all);
}

static void test_fork(void)
{
	uint32_t wrong = 0;

	ok_is(WEXITSTATUS(in_child(change_all)), 42, "a child of fork has copies");
	for (uint32_t area = 0; area < LARGE_AREAS; area++)
		wrong += *byte_of(area) != area + 1;
	ok_is(wrong, 0, "of its own");
	ok_leaves_memory(change_all_in_child, "and gives back every page");
}

static void *count_up(void *argument)
{
	for (uint32_t area = 0; area < LARGE_AREAS; area++) {
		__atomic_add_fetch(byte_of(area), 1, __ATOMIC_RELAXED);
		/* Pages that nobody has touched. */
		__atomic_add_fetch(byte_of(area) + PAGE_SIZE, 1, __ATOMIC_RELAXED);
	}
	return argument;
}

static void test_threads(void)
{
	pthread_t threads[THREADS];
	uint32_t wrong = 0;

	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, count_up, NULL) != 0)
			exit(1);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (uint32_t area = 0; area < LARGE_AREAS; area++)
		wrong +=
			*byte_of(area) != area + 1 + THREADS || byte_of(area)[PAGE_SIZE] != THREADS;
	ok_is(wrong, 0, "threads on all CPUs see the same variables");
}

static void test_heap(void)
{
	uint8_t *const block = malloc(AREA_SIZE);

	ok(block >= &after[PAGE_SIZE], "malloc() gives memory behind the data");
	memset(block, 0x5a, AREA_SIZE);
	ok(after[PAGE_SIZE - 1] == 0 && block[AREA_SIZE - 1] == 0x5a, "which is apart from it");
	free(block);
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], OCCUPY_ARGUMENT) == 0)
		occupy_cpu();
	if (argc == 2)
		return 0;
	test_start();
	test_touch();
	test_fork();
	test_threads();
	test_heap();
	return done_testing();
}
