/*
 * Pipes: order, blocking, ends, atomic writes, and closing under a waiting thread.
 */
#include "common/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define BIG 200000

static char big[BIG];

static void test_basics(void)
{
	struct stat status;
	char buffer[16];
	int ends[2];

	ok_is(pipe(ends), 0, "pipe");
	ok(fstat(ends[0], &status) == 0 && S_ISFIFO(status.st_mode), "fstat calls it one");
	ok_is(write(ends[1], "hello", 5), 5, "write");
	ok_is(read(ends[0], buffer, 2), 2, "read a part");
	ok_is(read(ends[0], buffer + 2, 10), 3, "and the rest");
	ok(memcmp(buffer, "hello", 5) == 0, "in order");
	ok_errno(read(ends[1], buffer, 1), EBADF, "read from the writing end");
	ok_errno(write(ends[0], buffer, 1), EBADF, "write to the reading end");
	ok_errno(lseek(ends[0], 0, SEEK_SET), ESPIPE, "lseek");
	ok_errno(fsync(ends[1]), EINVAL, "fsync");
	ok_errno(pipe((int *)0x1000), EFAULT, "pipe into nowhere");
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	ok_errno(read(ends[0], buffer, 1), EAGAIN, "O_NONBLOCK read of an empty pipe");
	close(ends[1]);
	ok_is(read(ends[0], buffer, 1), 0, "no writers: the end");
	close(ends[0]);
}

static void test_broken(void)
{
	int ends[2];

	signal(SIGPIPE, SIG_IGN);
	pipe(ends);
	close(ends[0]);
	ok_errno(write(ends[1], "x", 1), EPIPE, "write without readers");
	close(ends[1]);
	signal(SIGPIPE, SIG_DFL);
}

static void write_to_nobody(void)
{
	int ends[2];

	pipe(ends);
	close(ends[0]);
	write(ends[1], "x", 1);
}

static void test_full(void)
{
	int ends[2], written = 0;

	pipe(ends);
	fcntl(ends[1], F_SETFL, O_NONBLOCK);
	while (write(ends[1], "x", 1) == 1)
		written++;
	ok(written >= 4096, "a pipe holds at least 4096 bytes");
	ok_errno(write(ends[1], "xx", 2), EAGAIN, "O_NONBLOCK write to a full one");
	read(ends[0], big, 1);
	ok_errno(write(ends[1], "xx", 2), EAGAIN, "a write of up to PIPE_BUF is not split");
	ok_is(write(ends[1], "x", 1), 1, "what fits goes in");
	close(ends[0]);
	close(ends[1]);
}

static void test_large_transfer(void)
{
	int ends[2], wrong = 0, total = 0, size, status;
	char buffer[1000];
	pid_t pid;

	pipe(ends);
	pid = fork();
	if (pid == 0) {
		for (int i = 0; i < BIG; i++)
			big[i] = i % 251;
		_exit(write(ends[1], big, BIG) == BIG ? 0 : 1);
	}
	close(ends[1]);
	while ((size = read(ends[0], buffer, sizeof buffer)) > 0)
		for (int i = 0; i < size; i++)
			wrong += buffer[i] != (char)(total++ % 251);
	ok_is(total, BIG, "a write larger than the pipe");
	ok_is(wrong, 0, "arrives in order");
	ok(waitpid(pid, &status, 0) == pid && status == 0, "and returns what it wrote");
	close(ends[0]);
}

static void *close_later(void *argument)
{
	usleep(30000);
	close(*(int *)argument);
	return NULL;
}

static void test_close_under_reader(void)
{
	pthread_t thread;
	char byte;
	int ends[2];

	pipe(ends);
	pthread_create(&thread, NULL, close_later, &ends[0]);
	ok_errno(read(ends[0], &byte, 1), EBADF, "closing the reading end wakes its reader");
	pthread_join(thread, NULL);
	close(ends[1]);
	pipe(ends);
	pthread_create(&thread, NULL, close_later, &ends[1]);
	ok_is(read(ends[0], &byte, 1), 0, "closing the writing end wakes the reader");
	pthread_join(thread, NULL);
	close(ends[0]);
}

static void test_kill_blocked(void)
{
	const long before = free_pages();
	int ends[2], status;
	pid_t pid;

	pipe(ends);
	pid = fork();
	if (pid == 0)
		_exit(read(ends[0], big, 1));
	usleep(20000);
	kill(pid, SIGKILL);
	ok(waitpid(pid, &status, 0) == pid && WTERMSIG(status) == SIGKILL,
	   "kill of a blocked reader");
	ok_is(write(ends[1], "x", 1), 1, "leaves a pipe that works");
	close(ends[0]);
	close(ends[1]);
	ok_memory_is(before, "and no memory behind");
}

int main(void)
{
	int status;

	test_basics();
	test_broken();
	status = in_child(write_to_nobody);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE, "SIGPIPE ends a careless writer");
	test_full();
	test_large_transfer();
	test_close_under_reader();
	test_kill_blocked();
	test_kill_blocked();
	return done_testing();
}
