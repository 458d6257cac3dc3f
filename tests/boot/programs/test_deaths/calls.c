/*
 * Death of those who make calls: on other processors, in the middle of them, or waiting to be let
 * into the kernel.
 */
#include "test_deaths.h"
#include "../common/cpus.h"

#include <castle/castle.h>
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define DELAY     4000 /* microseconds */
#define HEAP_SIZE 262144

static void call_getpid(uint32_t number)
{
	(void)number;
	castle_call0(CASTLE_CALL_getpid);
}

static void call_yield(uint32_t number)
{
	(void)number;
	castle_call0(CASTLE_CALL_yield);
}

static void call_file(uint32_t number)
{
	static char bytes[6000];
	char name[32];
	int fd;

	snprintf(name, sizeof name, "/tmp/deaths%u", (unsigned)number % 4);
	fd = open(name, O_CREAT | O_RDWR | O_TRUNC, 0644);
	write(fd, bytes, sizeof bytes);
	lseek(fd, 0, SEEK_SET);
	read(fd, bytes, sizeof bytes);
	close(fd);
	unlink(name);
}

static void call_directory(uint32_t number)
{
	char name[32], other[32], inner[40];

	snprintf(name, sizeof name, "/tmp/deaths%ud", (unsigned)number % 4);
	snprintf(other, sizeof other, "/tmp/deaths%ue", (unsigned)number % 4);
	snprintf(inner, sizeof inner, "%s/x", other);
	mkdir(name, 0755);
	rename(name, other);
	mkdir(inner, 0755);
	rmdir(inner);
	rmdir(other);
}

static void call_getdents(uint32_t number)
{
	char buffer[600];
	const int fd = open("/bin", O_RDONLY | O_DIRECTORY);

	(void)number;
	castle_call3(CASTLE_CALL_getdents, fd, (uint32_t)buffer, sizeof buffer);
	close(fd);
}

static void call_pipe(uint32_t number)
{
	char bytes[100];
	int ends[2];

	(void)number;
	if (pipe(ends) != 0)
		return;
	write(ends[1], bytes, sizeof bytes);
	read(ends[0], bytes, sizeof bytes);
	close(ends[0]);
	close(ends[1]);
}

/*
 * The break is the heap's, too. Another thread's malloc() may move it up between the two calls
 * here, and then loses what this moves down; so the heap has its memory before (heap_grow()).
 */
static void call_break(uint32_t number)
{
	static char *end;

	(void)number;
	if (!end)
		end = sbrk(0);
	char *const page = (char *)castle_call1(CASTLE_CALL_brk, 0);
	if (page < end + 200 * 4096 && castle_call1(CASTLE_CALL_brk, (uint32_t)page + 4096) > 0)
		*(volatile char *)page = 1;
}

static void call_fork(uint32_t number)
{
	const int pid = fork();

	(void)number;
	if (pid == 0)
		_exit(0);
	waitpid(pid, NULL, 0);
}

static void call_spawn(uint32_t number)
{
	const int pid = castle_call4(CASTLE_CALL_spawn, (uint32_t) "/bin/true", 0, 0, 0);

	(void)number;
	waitpid(pid, NULL, 0);
}

static void *end_at_once(void *argument)
{
	return argument;
}

static void call_thread(uint32_t number)
{
	pthread_t thread;

	(void)number;
	if (pthread_create(&thread, NULL, end_at_once, NULL) == 0)
		pthread_join(thread, NULL);
}

static void call_message(uint32_t number)
{
	struct castle_message message = { .to = getpid(), .kind = number };

	castle_send(&message);
	castle_receive(&message, 0);
}

static void catch (int signal)
{
	(void)signal;
}

static void call_signal(uint32_t number)
{
	(void)number;
	signal(SIGUSR1, catch);
	raise(SIGUSR1);
}

static uint32_t words[4];

/* Pairs of threads wake each other. */
static void call_futex(uint32_t number)
{
	const struct castle_timespec timeout = { .nanoseconds = 100000 };
	uint32_t *const word = &words[number / 2 % 4];

	__atomic_add_fetch(word, 1, __ATOMIC_SEQ_CST);
	castle_call2(CASTLE_CALL_futex_wake, (uint32_t)word, 1);
	castle_call3(CASTLE_CALL_futex_wait, (uint32_t)word, *word, (uint32_t)&timeout);
}

static void call_chdir(uint32_t number)
{
	char path[64];

	chdir(number % 2 ? "/tmp" : "/bin");
	getcwd(path, sizeof path);
}

static void call_dup(uint32_t number)
{
	dup2(1, 40 + number % 3);
	close(40 + (number + 1) % 3);
}

static const struct {
	const char *name;
	void (*call)(uint32_t number);
} calls[] = {
	{ "getpid", call_getpid },     { "yield", call_yield },
	{ "files", call_file },        { "directories", call_directory },
	{ "getdents", call_getdents }, { "pipes", call_pipe },
	{ "the break", call_break },   { "fork", call_fork },
	{ "spawn", call_spawn },       { "threads", call_thread },
	{ "messages", call_message },  { "signals", call_signal },
	{ "futexes", call_futex },     { "chdir", call_chdir },
	{ "dup", call_dup },
};

#define CALL_COUNT (sizeof calls / sizeof *calls)

static uint32_t chosen; /* CALL_COUNT: each thread another one */

static void *call_for_ever(void *argument)
{
	const uint32_t number = (uintptr_t)argument;
	const uint32_t index = chosen < CALL_COUNT ? chosen : number % CALL_COUNT;

	say_there();
	for (;;)
		calls[index].call(number);
	return argument;
}

/* What victims leave in /tmp would be memory that is missing. */
static void remove_files(void)
{
	char name[32];

	for (unsigned i = 0; i < 4; i++) {
		snprintf(name, sizeof name, "/tmp/deaths%u", i);
		unlink(name);
		snprintf(name, sizeof name, "/tmp/deaths%ue/x", i);
		rmdir(name);
		snprintf(name, sizeof name, "/tmp/deaths%ue", i);
		rmdir(name);
		snprintf(name, sizeof name, "/tmp/deaths%ud", i);
		rmdir(name);
	}
}

/* As much as all threads of a victim will want. */
static void heap_grow(void)
{
	void *volatile memory = malloc(HEAP_SIZE);

	free(memory);
}

void test_all_calls(int rounds)
{
	victim_clean = remove_files;
	heap_grow();
	for (uint32_t e = 0; e < ending_count; e++)
		test_victim("all calls", call_for_ever, 2 * CALL_COUNT, DELAY, &endings[e], rounds);
}

void test_calls(void)
{
	const uint32_t threads = cpu_count() + 1;

	victim_clean = remove_files;
	for (chosen = 0; chosen < CALL_COUNT; chosen++)
		test_victim(calls[chosen].name, call_for_ever, threads, DELAY, &endings[0], 4);
	test_all_calls(5);
}
