/*
 * What a write has written already belongs to that call alone: whichever way the call ends, the
 * thread's next one starts from nothing.
 */
#include "common/guard.h"
#include "common/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define BIG     (3 * 4096)
#define TIMEOUT 30000

static char big[BIG];
static int blocked[2]; /* the pipe that the writer waits for */

static void catch (int signal)
{
	(void)signal;
}

static void *close_writer(void *argument)
{
	usleep(TIMEOUT);
	close(blocked[1]);
	return argument;
}

static void *replace_writer(void *argument)
{
	int other[2];

	usleep(TIMEOUT);
	pipe(other);
	dup2(other[0], blocked[1]);
	return argument;
}

static void *close_reader(void *argument)
{
	usleep(TIMEOUT);
	close(blocked[0]);
	return argument;
}

static void *interrupt(void *argument)
{
	usleep(TIMEOUT);
	kill(getpid(), SIGUSR1);
	return argument;
}

static void *(*ending)(void *);

/* The next write sends ten bytes, these ones. */
static int next_write_is_right(void)
{
	char out[10] = "0123456789", in[64] = "";
	int ends[2];

	pipe(ends);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	if (write(ends[1], out, sizeof out) != sizeof out)
		return 0;
	return read(ends[0], in, sizeof in) == sizeof out && memcmp(in, out, sizeof out) == 0;
}

static void write_that_ends(void)
{
	pthread_t thread;
	sigset_t set;
	ssize_t written;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGUSR1, catch);
	pipe(blocked);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	pthread_create(&thread, NULL, ending, NULL);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	written = write(blocked[1], big, BIG);
	if (written == BIG)
		_exit(2);
	_exit(next_write_is_right() ? 0 : 3);
}

static void test_end(void *(*end)(void *), const char *name)
{
	ending = end;
	ok_is(guard_exit(write_that_ends), 0, name);
}

/* The same thread's progress must not reach a write from a handler that struck the first one. */
static volatile int inner = -1;

static void write_in_handler(int signal)
{
	(void)signal;
	inner = next_write_is_right();
}

static void write_within_write(void)
{
	const pid_t parent = getpid();
	ssize_t written;
	pid_t pid;

	signal(SIGUSR1, write_in_handler);
	pipe(blocked);
	pid = fork();
	if (pid == 0) {
		usleep(TIMEOUT);
		kill(parent, SIGUSR1);
		_exit(0);
	}
	written = write(blocked[1], big, BIG);
	waitpid(pid, NULL, 0);
	_exit(written == 4096 && inner == 1 && next_write_is_right() ? 0 : 1);
}

/* What takes all that is left at once: together it is more than a count can say. */
static void *replace_by_null(void *argument)
{
	char some[64];

	usleep(TIMEOUT);
	dup2(open("/dev/null", O_WRONLY), blocked[1]);
	read(blocked[0], some, sizeof some);
	return argument;
}

static void write_more_than_a_count(void)
{
	pthread_t thread;

	pipe(blocked);
	pthread_create(&thread, NULL, replace_by_null, NULL);
	_exit(write(blocked[1], big, 0xc0000000u) == INT32_MAX ? 0 : 1);
}

int main(void)
{
	test_end(close_writer, "the descriptor is closed under a blocked write");
	test_end(replace_writer, "another file is put in its place");
	test_end(close_reader, "the reading end is closed");
	test_end(interrupt, "a signal ends the write");
	ok_is(guard_exit(write_within_write), 0, "the handler of that signal writes, too");
	ok_is(guard_exit(write_more_than_a_count), 0, "turns of a write are never negative in sum");
	return done_testing();
}
