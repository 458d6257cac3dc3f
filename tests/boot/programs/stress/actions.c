/*
 * What the processes of stress do. Each action makes what it needs, checks how it ends, and leaves
 * nothing.
 */
#include "stress.h"
#include "../common/cpus.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE_SIZE   4096
#define THREADS_MAX 4
#define PIPE_BYTES  20000
#define MEMORY_MAX  (6 << 20) /* bytes: more than one page table maps */

static void pause_a_little(void)
{
	if (random_below(2))
		usleep(random_below(5000));
	else
		for (volatile uint32_t turns = random_below(20000); turns > 0; turns--)
			;
}

/* Whether the child ended with just this status. */
static bool ended_with(pid_t pid, int expected)
{
	int status;

	while (waitpid(pid, &status, 0) != pid)
		if (errno != EINTR)
			return false;
	return status == expected;
}

static bool do_sleep(void)
{
	return usleep(random_below(3000)) == 0;
}

static bool do_fork(void)
{
	const int status = random_below(256);
	const pid_t pid = fork();

	if (pid == 0) {
		pause_a_little();
		_exit(status);
	}
	return pid > 0 && ended_with(pid, status << 8);
}

static bool do_spawn(void)
{
	const bool lie = random_below(2);
	char *const arguments[] = { "a program", NULL };
	pid_t pid;

	return posix_spawn(&pid, lie ? "/bin/false" : "/bin/true", NULL, NULL, arguments, NULL) ==
		       0 &&
	       ended_with(pid, lie << 8);
}

static bool do_exec(void)
{
	char *const arguments[] = { "sh", "-c", "true && exit 3", NULL };
	const pid_t pid = fork();

	if (pid == 0) {
		execv("/bin/sh", arguments);
		_exit(100);
	}
	return pid > 0 && ended_with(pid, 3 << 8);
}

static bool do_kill(void)
{
	const bool asleep = random_below(2);
	const pid_t pid = fork();

	if (pid == 0)
		for (;;)
			if (asleep)
				pause();
	pause_a_little();
	return pid > 0 && kill(pid, SIGTERM) == 0 && ended_with(pid, SIGTERM);
}

/* Each fault is a line on the console, so this is rare. */
static bool do_fault(void)
{
	volatile uintptr_t address = random_below(PAGE_SIZE);
	const pid_t pid = fork();

	if (pid == 0)
		*(volatile uint8_t *)address = 1;
	return pid > 0 && ended_with(pid, SIGSEGV);
}

/* Bytes count up; any that is lost or out of order shows. */
static __attribute__((noreturn)) void fill_pipe(int fd, uint32_t count)
{
	uint8_t bytes[512];
	uint32_t sent = 0;

	while (sent < count) {
		uint32_t size = 1 + random_below(sizeof bytes);

		size = size < count - sent ? size : count - sent;
		for (uint32_t i = 0; i < size; i++)
			bytes[i] = sent + i;
		if (write(fd, bytes, size) != (int)size)
			_exit(1);
		sent += size;
	}
	_exit(0);
}

static bool drain_pipe(int fd, uint32_t count)
{
	uint8_t bytes[300];
	uint32_t seen = 0;
	int got;

	while ((got = read(fd, bytes, sizeof bytes)) > 0)
		for (int i = 0; i < got; i++)
			if (bytes[i] != (uint8_t)seen++)
				return false;
	return seen == count;
}

static bool do_pipe(void)
{
	const uint32_t count = random_below(PIPE_BYTES);
	int ends[2];
	bool good;
	pid_t pid;

	if (pipe(ends) != 0)
		return false;
	pid = fork();
	if (pid == 0)
		fill_pipe(ends[1], count);
	close(ends[1]);
	good = pid > 0 && drain_pipe(ends[0], count);
	close(ends[0]);
	return ended_with(pid, 0) && good;
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static volatile uint32_t counter;

static void *count_up(void *argument)
{
	const uint32_t turns = (uintptr_t)argument;

	for (uint32_t i = 0; i < turns; i++) {
		pthread_mutex_lock(&mutex);
		counter++;
		pthread_mutex_unlock(&mutex);
		if (i % 32 == 0)
			sched_yield();
	}
	return NULL;
}

static uint32_t start_threads(pthread_t *threads, void *(*function)(void *), uint32_t turns)
{
	const uint32_t wanted = 1 + random_below(THREADS_MAX);
	uint32_t count = 0;

	while (count < wanted &&
	       pthread_create(&threads[count], NULL, function, (void *)(uintptr_t)turns) == 0)
		count++;
	return count;
}

static __attribute__((noreturn)) void count_in_threads(void)
{
	const uint32_t turns = random_below(300);
	pthread_t threads[THREADS_MAX];
	const uint32_t count = start_threads(threads, count_up, turns);

	for (uint32_t i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	_exit(counter == count * turns ? 0 : 1);
}

/* In a child, so that the next one starts with a single thread again. */
static bool do_threads(void)
{
	const pid_t pid = fork();

	if (pid == 0)
		count_in_threads();
	return pid > 0 && ended_with(pid, 0);
}

static void *spin(void *argument)
{
	for (;;)
		spin_pause();
	return argument;
}

/* Threads that spin on other CPUs when their process ends. */
static bool do_end_with_threads(void)
{
	const bool by_signal = random_below(2);
	pthread_t threads[THREADS_MAX];
	const pid_t pid = fork();

	if (pid == 0) {
		start_threads(threads, spin, 0);
		pause_a_little();
		if (!by_signal)
			_exit(4);
		spin(NULL);
	}
	if (by_signal) {
		pause_a_little();
		kill(pid, SIGKILL);
	}
	return pid > 0 && ended_with(pid, by_signal ? SIGKILL : 4 << 8);
}

/* Each page tells its own number back. */
static __attribute__((noreturn)) void use_memory(uint32_t bytes)
{
	uint8_t *const memory = sbrk(bytes);
	const uint32_t step = PAGE_SIZE * (1 + random_below(16));

	if (memory == (void *)-1)
		_exit(1);
	for (uint32_t at = 0; at + sizeof at <= bytes; at += step)
		memcpy(memory + at, &at, sizeof at);
	for (uint32_t at = 0; at + sizeof at <= bytes; at += step)
		if (memcmp(memory + at, &at, sizeof at) != 0)
			_exit(2);
	_exit(0);
}

static bool do_memory(void)
{
	const uint32_t bytes = random_below(MEMORY_MAX);
	const pid_t pid = fork();

	if (pid == 0)
		use_memory(bytes);
	return pid > 0 && ended_with(pid, 0);
}

static bool do_file(void)
{
	char path[32];
	uint32_t value = random_below(UINT32_MAX), found = ~value;
	int fd;

	snprintf(path, sizeof path, "/tmp/stress-%d", (int)getpid());
	fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (fd < 0 || lseek(fd, random_below(PAGE_SIZE * 3), SEEK_SET) < 0)
		return false;
	const bool good = write(fd, &value, sizeof value) == sizeof value &&
			  lseek(fd, -(int)sizeof value, SEEK_CUR) >= 0 &&
			  read(fd, &found, sizeof found) == sizeof found && found == value;
	return close(fd) == 0 && unlink(path) == 0 && good;
}

static volatile sig_atomic_t caught;

static void handle(int signal)
{
	caught = signal;
}

/* A handler in a child that spins or sleeps. */
static bool do_signal(void)
{
	struct sigaction action = { .sa_handler = handle };
	const bool asleep = random_below(2);
	sigset_t set, old;
	pid_t pid;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, &old);
	pid = fork();
	if (pid == 0) {
		sigaction(SIGUSR1, &action, NULL);
		if (asleep)
			sigsuspend(&old);
		sigprocmask(SIG_SETMASK, &old, NULL);
		while (!caught)
			spin_pause();
		_exit(caught);
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
	pause_a_little();
	/* Before sigaction() the signal waits as one that would end the child. */
	return pid > 0 && kill(pid, SIGUSR1) == 0 && ended_with(pid, SIGUSR1 << 8);
}

const struct action actions[] = {
	{ "sleep", 4, do_sleep },   { "fork", 10, do_fork },
	{ "spawn", 10, do_spawn },  { "exec", 5, do_exec },
	{ "kill", 10, do_kill },    { "fault", 1, do_fault },
	{ "pipe", 8, do_pipe },     { "threads", 8, do_threads },
	{ "memory", 6, do_memory }, { "end with threads", 8, do_end_with_threads },
	{ "file", 8, do_file },     { "signal", 8, do_signal },
};

const uint32_t action_count = sizeof actions / sizeof *actions;
