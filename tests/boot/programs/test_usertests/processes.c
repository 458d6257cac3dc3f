/*
 * Processes: fork, exec, wait, kill and pipes, at once and to the end of what there is.
 */
#include "cases.h"

#include <castle/abi.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int ends[2];

static void end_with(int status)
{
	_exit(status);
}

/* Children that end before or while the parent waits, each with its own status. */
static void exit_wait(void)
{
	for (int i = 0; i < 100; i++) {
		const pid_t pid = case_fork(end_with, i);
		int status;

		want(wait(&status) == pid && WIFEXITED(status) && WEXITSTATUS(status) == i);
	}
	want_errno(wait(NULL), ECHILD);
}

static void end_at_once(int number)
{
	(void)number;
}

static void two_children(void)
{
	for (int i = 0; i < 50; i++) {
		case_fork(end_at_once, 0);
		case_fork(end_at_once, 1);
		case_await(2);
	}
}

static void fork_some(int number)
{
	(void)number;
	for (int i = 0; i < 20; i++) {
		case_fork(end_at_once, i);
		case_await(1);
	}
}

static void fork_fork(void)
{
	case_fork(fork_some, 0);
	case_fork(fork_some, 1);
	case_await(2);
}

static void leave_children(int number)
{
	(void)number;
	case_fork(end_at_once, 0);
	case_fork(end_at_once, 1);
}

/* Children whose parent does not wait. */
static void orphans(void)
{
	for (int i = 0; i < 30; i++) {
		case_fork(leave_children, i);
		case_await(1);
	}
}

/* Each forks two until a file says enough; all of them end with the last writer's end of a pipe. */
static void breed(int depth)
{
	close(ends[0]);
	while (depth++ < 4 && access("stop", F_OK) != 0)
		if (fork() < 0)
			close(open("stop", O_CREAT | O_RDWR, 0644));
	_exit(0);
}

static void fork_fork_fork(void)
{
	char byte;

	want(pipe(ends) == 0);
	case_fork(breed, 0);
	close(ends[1]);
	want(read(ends[0], &byte, 1) == 0);
	case_await(1);
	unlink("stop");
}

/* Until there are no more: fork says so, and all can be awaited. */
static void forks_to_the_end(void)
{
	char byte = 0;
	int count = 0;
	pid_t pid;

	want(pipe(ends) == 0);
	while ((pid = fork()) > 0)
		count++;
	if (pid == 0) {
		close(ends[1]);
		_exit(read(ends[0], &byte, 1) == 0 ? 0 : 1);
	}
	want(errno == EAGAIN || errno == ENOMEM);
	want(count > 20);
	close(ends[1]);
	case_await(count);
	want_errno(wait(NULL), ECHILD);
}

static void write_numbers(int number)
{
	char bytes[1033];
	int next = 0;

	(void)number;
	close(ends[0]);
	for (int turn = 0; turn < 5; turn++) {
		for (int i = 0; i < (int)sizeof bytes; i++)
			bytes[i] = next++;
		want(write(ends[1], bytes, sizeof bytes) == sizeof bytes);
	}
}

/* Bytes come through a pipe in their order, read in pieces that grow. */
static void through_pipe(void)
{
	char bytes[8192];
	int next = 0, total = 0;
	ssize_t got;

	want(pipe(ends) == 0);
	case_fork(write_numbers, 0);
	close(ends[1]);
	for (size_t piece = 1; (got = read(ends[0], bytes, piece)) > 0; total += got) {
		for (ssize_t i = 0; i < got; i++)
			want(bytes[i] == (char)next++);
		piece = piece * 2 < sizeof bytes ? piece * 2 : sizeof bytes;
	}
	want(total == 5 * 1033);
	case_await(1);
}

static void spin(int number)
{
	if (number)
		want(write(ends[1], "x", 1) == 1);
	for (;;)
		;
}

/* Processes that never leave the processor are killed all the same. */
static void endless(void)
{
	pid_t pids[3];
	char byte;
	int status;

	want(pipe(ends) == 0);
	for (int i = 0; i < 3; i++)
		pids[i] = case_fork(spin, i == 2);
	want(read(ends[0], &byte, 1) == 1);
	for (int i = 0; i < 3; i++)
		want(kill(pids[i], SIGKILL) == 0);
	for (int i = 0; i < 3; i++)
		want(waitpid(pids[i], &status, 0) == pids[i] && WIFSIGNALED(status) &&
		     WTERMSIG(status) == SIGKILL);
}

static void call_always(int number)
{
	(void)number;
	for (;;)
		getppid();
}

/* The status of who was killed says so, wherever the kill finds it. */
static void kill_status(void)
{
	for (int i = 0; i < 30; i++) {
		const pid_t pid = case_fork(call_always, 0);
		int status = 0;

		for (int j = 0; j < i % 3; j++)
			sched_yield();
		want(kill(pid, SIGKILL) == 0);
		want(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status));
		want(WTERMSIG(status) == SIGKILL);
	}
}

static void echo_into_file(int number)
{
	char *arguments[] = { "echo", "OK", NULL };

	(void)number;
	close(1);
	want(open("said", O_CREAT | O_WRONLY, 0644) == 1);
	execv("/bin/echo", arguments);
	_exit(9);
}

static void exec_with_output(void)
{
	char bytes[8];
	int fd;

	case_fork(echo_into_file, 0);
	case_await(1);
	fd = open("said", O_RDONLY);
	want(read(fd, bytes, sizeof bytes) == 3 && memcmp(bytes, "OK\n", 3) == 0);
	close(fd);
	want(unlink("said") == 0);
}

static void exec_what_cannot(void)
{
	char *arguments[] = { "x", NULL }, *wild[] = { (char *)0xffff0000, NULL };

	want_errno(execv("no-such-program", arguments), ENOENT);
	want(execv(".", arguments) == -1);
	case_make_file("text", 't', 100);
	want(execv("text", arguments) == -1);
	want(unlink("text") == 0);
	for (int i = 0; i < 50; i++)
		want(execve("/bin/echo", wild, environ) == -1 && errno == EFAULT);
}

/* More arguments than a stack holds: refused, and the caller goes on. */
static void big_arguments(void)
{
	enum { COUNT = 400, LENGTH = 4000 };
	static char word[LENGTH + 1];
	static char *arguments[COUNT + 1];

	memset(word, 'w', LENGTH);
	for (int i = 0; i < COUNT; i++)
		arguments[i] = word;
	want_errno(execv("/bin/echo", arguments), E2BIG);
}

/* Descriptors to the end, and all of them back. */
static void descriptors_to_the_end(void)
{
	int last = -1, fd;

	while ((fd = dup(0)) >= 0)
		last = fd;
	want(errno == EMFILE && last == CASTLE_OPEN_MAX - 1);
	want_errno(pipe(ends), EMFILE);
	close(last);
	want_errno(pipe(ends), EMFILE);
	want(dup(0) == last);
}

const struct user_case process_cases[] = {
	{ "exit and wait", exit_wait },
	{ "two children", two_children },
	{ "fork in forks", fork_fork },
	{ "orphans", orphans },
	{ "fork in forks in forks", fork_fork_fork },
	{ "forks to the end", forks_to_the_end },
	{ "through a pipe", through_pipe },
	{ "endless processes killed", endless },
	{ "status of the killed", kill_status },
	{ "exec with its output in a file", exec_with_output },
	{ "exec of what cannot be", exec_what_cannot },
	{ "big arguments", big_arguments },
	{ "descriptors to the end", descriptors_to_the_end },
	{ NULL, NULL },
};
