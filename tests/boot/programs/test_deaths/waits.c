/*
 * Death of those who wait, in each of the ways in which the kernel lets a thread wait.
 */
#include "test_deaths.h"
#include "../common/cpus.h"

#include <castle/castle.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LONG_TIME 1000 /* seconds */
#define SETTLE    3000 /* microseconds: most threads wait by then, some do not yet */

static void *read_pipe(void *argument)
{
	int ends[2];
	char byte;

	pipe(ends);
	say_there();
	read(ends[0], &byte, 1);
	return argument;
}

static int shared[2];
static pthread_once_t shared_once = PTHREAD_ONCE_INIT;

static void make_shared(void)
{
	pipe(shared);
}

/* All threads wait at one pipe. */
static void *read_shared(void *argument)
{
	char byte;

	pthread_once(&shared_once, make_shared);
	say_there();
	read(shared[0], &byte, 1);
	return argument;
}

static void *write_pipe(void *argument)
{
	static char bytes[3 * 4096];
	int ends[2];

	pipe(ends);
	say_there();
	write(ends[1], bytes, sizeof bytes);
	return argument;
}

static uint32_t word;

static void *wait_futex(void *argument)
{
	say_there();
	castle_call3(CASTLE_CALL_futex_wait, (uint32_t)&word, 0, 0);
	return argument;
}

static void *wait_futex_timed(void *argument)
{
	const struct castle_timespec timeout = { .seconds = LONG_TIME };

	say_there();
	castle_call3(CASTLE_CALL_futex_wait, (uint32_t)&word, 0, (uint32_t)&timeout);
	return argument;
}

static void *sleep_long(void *argument)
{
	say_there();
	sleep(LONG_TIME);
	return argument;
}

/* Time-outs that expire while the process ends. */
static void *sleep_short(void *argument)
{
	say_there();
	for (;;)
		usleep(1);
	return argument;
}

/* The child lives as long as its parent holds the other end. */
static void *wait_for_child(void *argument)
{
	int ends[2];
	char byte;

	pipe(ends);
	fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	if (fork() == 0) {
		for (int fd = 3; fd < 32; fd++)
			if (fd != ends[0])
				close(fd);
		read(ends[0], &byte, 1);
		_exit(0);
	}
	say_there();
	waitpid(-1, NULL, 0);
	return argument;
}

static void *receive(void *argument)
{
	struct castle_message message;

	say_there();
	castle_receive(&message, 0);
	return argument;
}

/* To the process itself, until its mailbox is full. */
static void *send_to_self(void *argument)
{
	const struct castle_message message = { .to = getpid() };

	say_there();
	for (;;)
		castle_send(&message);
	return argument;
}

/* To the parent, which never receives. */
static void *send_to_parent(void *argument)
{
	const struct castle_message message = { .to = getppid() };

	say_there();
	for (;;)
		castle_send(&message);
	return argument;
}

static void *read_console(void *argument)
{
	const int fd = open("/dev/console", O_RDONLY);
	char byte;

	say_there();
	if (read(fd, &byte, 1) <= 0)
		pause();
	return argument;
}

static void *suspend(void *argument)
{
	sigset_t none;

	sigemptyset(&none);
	say_there();
	sigsuspend(&none);
	return argument;
}

static void *spin(void *argument)
{
	say_there();
	for (;;)
		spin_pause();
	return argument;
}

static const struct {
	const char *name;
	thread_function function;
} waits[] = {
	{ "reading pipes", read_pipe },
	{ "reading one pipe", read_shared },
	{ "writing pipes", write_pipe },
	{ "waiting at a futex", wait_futex },
	{ "waiting at a futex for some time", wait_futex_timed },
	{ "sleeping", sleep_long },
	{ "sleeping again and again", sleep_short },
	{ "waiting for children", wait_for_child },
	{ "receiving", receive },
	{ "sending to itself", send_to_self },
	{ "sending to another process", send_to_parent },
	{ "reading the console", read_console },
	{ "suspended", suspend },
	{ "spinning", spin },
};

#define WAIT_COUNT (sizeof waits / sizeof *waits)

/* Each thread in another way. */
static void *wait_somehow(void *argument)
{
	return waits[(uintptr_t)argument % WAIT_COUNT].function((void *)1);
}

/* Messages that victims have sent to this process. */
static void empty_mailbox(void)
{
	struct castle_message message;

	while (castle_receive(&message, CASTLE_NOWAIT) == 0)
		;
}

void test_waits(void)
{
	victim_clean = empty_mailbox;
	for (uint32_t i = 0; i < WAIT_COUNT; i++)
		for (uint32_t e = 0; e < 3; e++)
			test_victim(waits[i].name, waits[i].function, VICTIM_THREADS, SETTLE,
				    &endings[e], 3);
	for (uint32_t e = 0; e < ending_count; e++)
		test_victim("waiting in all ways", wait_somehow, WAIT_COUNT, SETTLE, &endings[e],
			    5);
}
