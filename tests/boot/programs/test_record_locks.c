/*
 * Record locks (POSIX.1-2017, fcntl(), lockf()): ranges that conflict and that do not, what another
 * process sees of them, waiting, and that they go with a descriptor and with their process.
 */
#include "common/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NAME "/locked"

static int file;

static int lock(int fd, int command, short type, off_t start, off_t length)
{
	struct flock request = { .l_type = type, .l_start = start, .l_len = length };

	return fcntl(fd, command, &request);
}

/* What another process learns that asks for a lock: "r3+4" for a read lock of bytes 3 to 6. */
static char seen[32];

static const char *others_see(short type, off_t start, off_t length)
{
	struct flock request = { .l_type = type, .l_start = start, .l_len = length };
	int fds[2];

	memset(seen, 0, sizeof seen);
	pipe(fds);
	if (fork() == 0) {
		char text[32] = "free";

		if (fcntl(file, F_GETLK, &request) != 0)
			strcpy(text, "error");
		else if (request.l_type != F_UNLCK)
			snprintf(text, sizeof text, "%s%c%ld+%ld",
				 request.l_pid == getppid() ? "" : "whose?",
				 request.l_type == F_WRLCK ? 'w' : 'r', request.l_start,
				 request.l_len);
		write(fds[1], text, strlen(text) + 1);
		_exit(0);
	}
	read(fds[0], seen, sizeof seen);
	close(fds[0]);
	close(fds[1]);
	wait(NULL);
	return seen;
}

static void sees(short type, off_t start, off_t length, const char *expected, const char *name)
{
	const char *found = others_see(type, start, length);

	ok(strcmp(found, expected) == 0, "%s: %s", name, found);
}

static void test_ranges(void)
{
	ok_is(lock(file, F_SETLK, F_WRLCK, 10, 10), 0, "bytes 10 to 19 for writing");
	sees(F_RDLCK, 0, 10, "free", "bytes before");
	sees(F_RDLCK, 20, 0, "free", "bytes behind");
	sees(F_RDLCK, 19, 1, "w10+10", "the last byte");
	sees(F_WRLCK, 0, 0, "w10+10", "the whole file");
	ok_is(lock(file, F_SETLK, F_UNLCK, 14, 2), 0, "two bytes in the middle are given up");
	sees(F_RDLCK, 14, 2, "free", "they are free");
	sees(F_RDLCK, 0, 14, "w10+4", "what is before");
	sees(F_RDLCK, 15, 9, "w16+4", "and behind");
	ok_is(lock(file, F_SETLK, F_RDLCK, 12, 6), 0, "a read lock over parts of both");
	sees(F_RDLCK, 12, 6, "free", "lets others read");
	sees(F_WRLCK, 12, 6, "r12+6", "but not write");
	sees(F_RDLCK, 15, 0, "w18+2", "the rest stays as it was");
	ok_is(lock(file, F_SETLK, F_UNLCK, 0, 0), 0, "all is given up");
	sees(F_WRLCK, 0, 0, "free", "and free");
	ok_is(lock(file, F_SETLK, F_WRLCK, 100, 0), 0, "to the end, however far");
	sees(F_WRLCK, 2000000000, 1, "w100+0", "a byte far away");
	ok_is(lock(file, F_SETLK, F_WRLCK, 100, -50), 0, "bytes 50 to 99");
	sees(F_WRLCK, 0, 100, "w50+50", "by a negative length");
	ok_is(lock(file, F_SETLK, F_UNLCK, 0, 0), 0, "given up");
}

static void test_refusals(void)
{
	struct flock strange = { .l_type = 9 };
	const int reader = open(NAME, O_RDONLY);
	int fds[2];

	pipe(fds);
	ok_errno(lock(reader, F_SETLK, F_WRLCK, 0, 1), EBADF, "not open for writing");
	ok_errno(lock(-1, F_SETLK, F_WRLCK, 0, 1), EBADF, "not open at all");
	ok_errno(lock(file, F_SETLK, F_WRLCK, -1, 1), EINVAL, "before the file");
	ok_errno(fcntl(file, F_SETLK, &strange), EINVAL, "no such type");
	ok_errno(lock(fds[0], F_SETLK, F_RDLCK, 0, 1), EINVAL, "a pipe");
	close(reader);
	close(fds[0]);
	close(fds[1]);
}

static void test_closing(void)
{
	int other;

	ok_is(lock(file, F_SETLK, F_WRLCK, 0, 1), 0, "a lock");
	other = dup(file);
	close(other);
	sees(F_WRLCK, 0, 0, "free", "is gone when any descriptor is closed");
	ok_is(lock(file, F_SETLK, F_WRLCK, 0, 1), 0, "another one");
	other = open("/dev/null", O_RDWR);
	dup2(file, 20);
	dup2(other, 20);
	close(20);
	sees(F_WRLCK, 0, 0, "free", "and when one is replaced");
	close(other);
}

/* A child that holds bytes 0 to 9, until it ends or what it reads from the pipe says so. */
static pid_t holder(int go_on[2])
{
	int ready[2];
	char byte;
	pid_t pid;

	pipe(ready);
	pipe(go_on);
	pid = fork();
	if (pid == 0) {
		lock(file, F_SETLK, F_WRLCK, 0, 10);
		write(ready[1], "x", 1);
		close(go_on[1]);
		read(go_on[0], &byte, 1);
		_exit(0);
	}
	read(ready[0], &byte, 1);
	close(ready[0]);
	close(ready[1]);
	close(go_on[0]);
	return pid;
}

/* Others may have the pipe open, too. */
static void let_end(int fd)
{
	write(fd, "x", 1);
	close(fd);
}

static void test_waiting(void)
{
	int go_on[2];
	pid_t pid = holder(go_on), waiter;
	int status;

	ok_errno(lock(file, F_SETLK, F_RDLCK, 5, 1), EAGAIN, "another process has it");
	ok_is(lock(file, F_SETLK, F_WRLCK, 10, 1), 0, "not its neighbour");
	waiter = fork();
	if (waiter == 0)
		_exit(lock(file, F_SETLKW, F_WRLCK, 5, 1) == 0 ? 3 : 4);
	nanosleep(&(struct timespec){ 0, 30000000 }, NULL);
	ok_is(waitpid(waiter, NULL, WNOHANG), 0, "F_SETLKW waits");
	let_end(go_on[1]);
	waitpid(waiter, &status, 0);
	ok_is(WEXITSTATUS(status), 3, "until the holder ends");
	waitpid(pid, NULL, 0);
	sees(F_WRLCK, 0, 10, "free", "and with its process the lock goes");
	lock(file, F_SETLK, F_UNLCK, 0, 0);
}

static void on_signal(int number)
{
	(void)number;
}

static void test_interrupting(void)
{
	struct sigaction action = { .sa_handler = on_signal };
	int go_on[2];
	pid_t pid = holder(go_on), waiter;
	int status;

	sigaction(SIGALRM, &action, NULL);
	alarm(1);
	ok_errno(lock(file, F_SETLKW, F_WRLCK, 5, 1), EINTR, "a handler ends the wait");
	waiter = fork();
	if (waiter == 0)
		_exit(lock(file, F_SETLKW, F_WRLCK, 5, 1));
	nanosleep(&(struct timespec){ 0, 30000000 }, NULL);
	kill(waiter, SIGKILL);
	waitpid(waiter, &status, 0);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "and SIGKILL the waiter");
	let_end(go_on[1]);
	waitpid(pid, NULL, 0);
}

static void test_lockf(void)
{
	lseek(file, 40, SEEK_SET);
	ok_is(lockf(file, F_TLOCK, 5), 0, "lockf from the offset on");
	sees(F_RDLCK, 0, 0, "w40+5", "seen by fcntl");
	ok_is(lockf(file, F_TEST, 0), 0, "one's own is no obstacle");
	ok_is(lockf(file, F_ULOCK, 0), 0, "given up");
	sees(F_RDLCK, 0, 0, "free", "and gone");
	ok_errno(lockf(file, 77, 0), EINVAL, "no such function");
}

/* Counts up in a file, each step under a lock: no step may be lost. */
static void count_up(void)
{
	for (int i = 0; i < 200; i++) {
		int value = 0;

		lock(file, F_SETLKW, F_WRLCK, 0, 4);
		pread(file, &value, sizeof value, 0);
		value++;
		pwrite(file, &value, sizeof value, 0);
		lock(file, F_SETLK, F_UNLCK, 0, 4);
	}
}

/* The offset is shared after fork(): each has a description of its own. */
static void test_counting(void)
{
	int value = 0;

	pwrite(file, &value, sizeof value, 0);
	for (int i = 0; i < 4; i++)
		if (fork() == 0) {
			close(file);
			file = open(NAME, O_RDWR);
			count_up();
			_exit(0);
		}
	while (wait(NULL) > 0)
		;
	pread(file, &value, sizeof value, 0);
	ok_is(value, 800, "four processes count to 800 under locks");
}

static void test_memory(void)
{
	for (int i = 0; i < 50; i++)
		lock(file, F_SETLK, F_WRLCK, 2 * i, 1);
	close(file);
	file = open(NAME, O_RDWR);
}

int main(void)
{
	file = open(NAME, O_RDWR | O_CREAT, 0644);
	test_ranges();
	test_refusals();
	test_closing();
	test_waiting();
	test_interrupting();
	test_lockf();
	test_counting();
	ok_leaves_memory(test_memory, "locks leave no memory behind");
	return done_testing();
}
