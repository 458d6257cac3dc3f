/*
 * Pages that fork shares, while all sorts of things happen at once: processes that lose threads and
 * fork in the same moment, forks of forks, kills in the middle, the kernel writing for programs
 * into pages that three generations share. Each process knows what must be in its memory, and
 * looks.
 */
#include "common/tap.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE_SIZE 4096
#define PAGES     12
#define ROUNDS    16
#define FAMILIES  4

static char area[PAGES][PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

static void fill(char value)
{
	for (int page = 0; page < PAGES; page++)
		area[page][page * 300] = area[page][0] = value;
}

static bool is_filled(char value)
{
	for (int page = 0; page < PAGES; page++)
		if (area[page][page * 300] != value || area[page][0] != value)
			return false;
	return true;
}

static pid_t fork_surely(void)
{
	const pid_t pid = fork();

	if (pid < 0)
		_exit(3);
	return pid;
}

static bool succeeded(pid_t pid)
{
	int status = -1;

	return waitpid(pid, &status, 0) == pid && status == 0;
}

static void *write_all(void *value)
{
	fill((char)(uintptr_t)value);
	return NULL;
}

static void write_and_look(char before, char after)
{
	if (!is_filled(before))
		_exit(1);
	fill(after);
	sched_yield();
	_exit(is_filled(after) ? 0 : 2);
}

/* The thread has hardly ended when its process forks: what it wrote through must not be written
 * through any more. */
static void lose_thread_and_fork(void)
{
	for (int round = 0; round < ROUNDS; round++) {
		pthread_t thread;
		pid_t pid;
		if (pthread_create(&thread, NULL, write_all, (void *)(uintptr_t)'t'))
			_exit(3);
		pthread_join(thread, NULL);
		if ((pid = fork_surely()) == 0)
			write_and_look('t', 'c');
		fill('p');
		if (!succeeded(pid) || !is_filled('p'))
			_exit(1);
	}
	_exit(0);
}

/* Threads write while one of them forks; the child has what was there at some moment, and keeps it.
 */
static volatile bool stop;

static void *write_on(void *argument)
{
	while (!stop)
		for (int page = 0; page < PAGES; page++)
			area[page][8]++;
	return argument;
}

static void fork_beside_writers(void)
{
	pthread_t threads[2];

	for (int i = 0; i < 2; i++)
		if (pthread_create(&threads[i], NULL, write_on, NULL))
			_exit(3);
	for (int round = 0; round < ROUNDS / 4; round++) {
		const pid_t pid = fork_surely();
		if (pid == 0) {
			static char copy[PAGES];
			for (int page = 0; page < PAGES; page++)
				copy[page] = area[page][8];
			usleep(1);
			for (int page = 0; page < PAGES; page++)
				if (copy[page] != area[page][8])
					_exit(1);
			_exit(0);
		}
		if (!succeeded(pid))
			_exit(1);
	}
	stop = true;
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	_exit(0);
}

/* Three generations have the same pages; the kernel writes for the youngest, then the middle, then
 * the oldest. */
static bool kernel_writes(char value)
{
	int ends[2];
	bool good = pipe(ends) == 0;
	struct stat *const there = (struct stat *)&area[3][64], status;

	for (int page = 0; page + 1 < PAGES; page += 2) {
		char *const across = &area[page][PAGE_SIZE - 2];
		const char bytes[4] = { value, value, value, value };
		good &= write(ends[1], bytes, 4) == 4 && read(ends[0], across, 4) == 4;
		good &= memcmp(across, bytes, 4) == 0;
	}
	good &= fstat(ends[0], there) == 0 && fstat(ends[0], &status) == 0 &&
		there->st_ino == status.st_ino && there->st_mode == status.st_mode;
	close(ends[0]);
	close(ends[1]);
	return good;
}

static bool across_is(char value)
{
	for (int page = 0; page + 1 < PAGES; page += 2)
		if (area[page][PAGE_SIZE - 1] != value)
			return false;
	return true;
}

static void three_generations(void)
{
	for (int round = 0; round < ROUNDS / 4; round++) {
		pid_t child;
		if (!kernel_writes('1'))
			_exit(1);
		if ((child = fork_surely()) == 0) {
			const pid_t grandchild = fork_surely();
			if (grandchild == 0)
				_exit(across_is('1') && kernel_writes('3') && across_is('3') ? 0
											     : 1);
			_exit(kernel_writes('2') && succeeded(grandchild) && across_is('2') ? 0
											    : 1);
		}
		if (!kernel_writes('4') || !succeeded(child) || !across_is('4'))
			_exit(1);
	}
	_exit(0);
}

/* A tree of forks is killed in the middle of its copying. */
static void grow(int depth)
{
	while (depth-- > 0)
		fork();
	fill((char)getpid());
	for (int i = 0; i < 3 && is_filled((char)getpid()); i++)
		sched_yield();
	_exit(is_filled((char)getpid()) ? 0 : 1);
}

static void kill_trees(void)
{
	for (int round = 0; round < ROUNDS / 2; round++) {
		const pid_t pid = fork_surely();
		if (pid == 0) {
			setpgid(0, 0);
			grow(3);
		}
		setpgid(pid, pid);
		if (round % 4)
			usleep(round * 100);
		kill(-pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	_exit(0);
}

static void (*const cases[])(void) = { lose_thread_and_fork, fork_beside_writers, three_generations,
				       kill_trees };
static const char *const names[] = { "a process whose thread has just ended forks",
				     "one forks while its threads write",
				     "the kernel writes into pages of three generations",
				     "trees of forks are killed" };
static bool good;
static void (*chosen)(void);

static void families(void)
{
	pid_t pids[FAMILIES];

	good = true;
	for (int i = 0; i < FAMILIES; i++)
		if ((pids[i] = fork()) == 0)
			chosen();
	for (int i = 0; i < FAMILIES; i++)
		good &= pids[i] > 0 && succeeded(pids[i]);
}

int main(void)
{
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		chosen = cases[i];
		ok_leaves_memory(families, "every page is back");
		ok(good, "%s, in four families", names[i]);
	}
	return done_testing();
}
