/*
 * Processes: spawn, fork, exec, exit, wait, kill; what they cost in memory, and that all of it
 * comes back.
 */
#include "common/cpus.h"
#include "common/tap.h"

#include <castle/castle.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MANY_PROCESSES 10000
#define PROGRAM        "/bin/test_process"

static pid_t spawn(const char *path, char *const arguments[])
{
	pid_t pid;

	errno = posix_spawn(&pid, path, NULL, NULL, arguments, NULL);
	return errno ? -1 : pid;
}

static int run(const char *path, char *const arguments[])
{
	const pid_t pid = spawn(path, arguments);
	int status = -1;

	return pid > 0 && waitpid(pid, &status, 0) == pid ? status : -1;
}

static void test_spawn(void)
{
	char *const truth[] = { "true", NULL }, *const lie[] = { "false", NULL };

	ok_is(run("/bin/true", truth), 0, "spawn and wait for true");
	ok_is(WEXITSTATUS(run("/bin/false", lie)), 1, "spawn and wait for false");
	ok_errno(spawn("/bin/no-such-program", truth), ENOENT, "spawn of nothing");
	ok_errno(spawn("/bin", truth), EACCES, "spawn of a directory");
	ok_errno(spawn("/share/hello.txt", truth), EACCES, "spawn of a text");
	ok_errno(spawn("/dev/console", truth), EACCES, "spawn of a device");
	ok_errno(spawn("/share/hello.txt/x", truth), ENOTDIR, "spawn below a file");
}

static void test_spawn_bad_arguments(void)
{
	char *const arguments[] = { "true", (char *)0x1000, NULL };
	struct castle_spawn spawn_arguments = { .action_count = 0,
						.priority = CASTLE_PRIORITY_COUNT };
	const char *path = "/bin/true";

	ok_errno(spawn("/bin/true", arguments), EFAULT, "spawn with a bad argument");
	ok_errno(spawn((char *)0x1000, NULL), EFAULT, "spawn with a bad path");
	ok_is(castle_call4(CASTLE_CALL_spawn, (uint32_t)path, 0, 0, 0x1000), -EFAULT,
	      "spawn with bad attributes");
	ok_is(castle_call4(CASTLE_CALL_spawn, (uint32_t)path, 0, 0, (uint32_t)&spawn_arguments),
	      -EINVAL, "spawn with a bad priority");
	spawn_arguments =
		(struct castle_spawn){ .action_count = CASTLE_OPEN_MAX + 1, .priority = -1 };
	ok_is(castle_call4(CASTLE_CALL_spawn, (uint32_t)path, 0, 0, (uint32_t)&spawn_arguments),
	      -EINVAL, "spawn with too many actions");
	spawn_arguments =
		(struct castle_spawn){ .action_count = 1, .actions = 0x1000, .priority = -1 };
	ok_is(castle_call4(CASTLE_CALL_spawn, (uint32_t)path, 0, 0, (uint32_t)&spawn_arguments),
	      -EFAULT, "spawn with bad actions");
}

static void test_argument_limit(void)
{
	static char big[CASTLE_ARG_MAX];
	char *arguments[] = { "true", big, NULL };

	memset(big, 'x', sizeof big - 1);
	ok_errno(spawn("/bin/true", arguments), E2BIG, "spawn with too long an argument");
	big[CASTLE_ARG_MAX / 2] = '\0';
	ok_is(run("/bin/true", arguments), 0, "spawn with an argument of half the limit");
}

static void check_arguments(void)
{
	char *const arguments[] = { "sh", "-c", "test_arguments one '' three", NULL };

	execve("/bin/sh", arguments, (char *const[]){ "PATH=/bin", "CASTLE_TEST=yes", NULL });
	_exit(99);
}

static void test_fork(void)
{
	static int shared = 1;
	int status;
	const pid_t pid = fork();

	if (pid == 0) {
		shared = 2;
		_exit(shared == 2 && getppid() > 1 ? 42 : 1);
	}
	ok(pid > 0, "fork");
	ok_is(waitpid(pid, &status, 0), pid, "wait for the child");
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 42, "the child's exit status");
	ok_is(shared, 1, "the child's memory is its own");
	ok_errno(waitpid(pid, &status, 0), ECHILD, "no second wait for a child");
	ok_errno(waitpid(-1, &status, 0), ECHILD, "wait without children");
	ok_errno(waitpid(getpid(), &status, 0), ECHILD, "wait for oneself");
}

static void bad_exec(void)
{
	execve("/bin/nothing-there", NULL, NULL);
	_exit(errno == ENOENT ? 7 : 1);
}

static void test_exec(void)
{
	ok_is(WEXITSTATUS(in_child(check_arguments)), 0,
	      "exec passes arguments and environment on");
	ok_is(WEXITSTATUS(in_child(bad_exec)), 7, "a failed exec leaves the program running");
}

static void sleep_long(void)
{
	sleep(1000);
}

static void test_kill(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		sleep_long();
	usleep(20000);
	ok_is(waitpid(pid, &status, WNOHANG), 0, "WNOHANG does not wait");
	ok_is(kill(pid, 0), 0, "signal 0 asks whether a process is there");
	ok_is(kill(pid, SIGTERM), 0, "kill a sleeping process");
	ok_is(waitpid(pid, &status, 0), pid, "it has ended");
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM, "by the signal");
	ok_errno(kill(pid, SIGTERM), ESRCH, "kill of a process that is gone");
	ok_errno(kill(1, SIGKILL), EPERM, "kill of init");
	ok_is(kill(1, SIGTERM), 0, "init does not mind SIGTERM");
	ok_errno(kill(getpid(), NSIG), EINVAL, "kill with no such signal");
	ok_errno(kill(-5, SIGTERM), ESRCH, "kill of a negative pid");
}

static void test_orphan(void)
{
	int ends[2];
	pid_t parent;

	pipe(ends);
	const pid_t pid = fork();
	if (pid == 0) {
		if (fork() == 0) {
			usleep(30000);
			parent = getppid();
			write(ends[1], &parent, sizeof parent);
			_exit(0);
		}
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	ok_is(read(ends[0], &parent, sizeof parent), sizeof parent, "an orphan lives on");
	ok_is(parent, 1, "as a child of init");
	close(ends[0]);
	close(ends[1]);
}

/* The first thread waits before its first instruction: the lowest priority does not run. */
static void test_two_pages(void)
{
	const struct castle_spawn attributes = { .priority = CASTLE_PRIORITY_COUNT - 1 };
	const char *path = "/bin/true";
	char *const arguments[] = { "true", NULL };
	struct castle_process_info info;
	pid_t pid;

	occupy_cpus(PROGRAM);
	pid = castle_call4(CASTLE_CALL_spawn, (uint32_t)path, (uint32_t)arguments, 0,
			   (uint32_t)&attributes);
	info = process_info(pid);
	ok_is(info.pages, 2, "a new container owns two pages");
	ok_is(info.pid == pid ? info.directory : 1, 0, "and no page directory");
	release_cpus();
	ok_is(waitpid(pid, NULL, 0), pid, "a process of the lowest priority runs, too");
}

static int failures;

static void run_true(int times)
{
	char *const arguments[] = { "true", NULL };

	for (int i = 0; i < times; i++)
		failures += run("/bin/true", arguments) != 0;
}

static void run_many(void)
{
	run_true(MANY_PROCESSES);
}

static void test_many(void)
{
	run_true(100);
	ok_leaves_memory(run_many, "10,000 processes come and go, and leave free memory as it is");
	ok_is(failures, 0, "none has failed");
}

static void test_zombies(void)
{
	const long before = free_pages();
	int reaped = 0;

	for (int i = 0; i < 50; i++)
		if (fork() == 0)
			_exit(0);
	usleep(50000);
	while (waitpid(-1, NULL, 0) > 0)
		reaped++;
	ok_is(reaped, 50, "fifty zombies are reaped");
	ok(free_pages() >= before - 8, "their memory was given back");
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], OCCUPY_ARGUMENT) == 0)
		occupy_cpu();
	test_spawn();
	test_spawn_bad_arguments();
	test_argument_limit();
	test_fork();
	test_exec();
	test_kill();
	test_orphan();
	test_two_pages();
	test_zombies();
	test_many();
	return done_testing();
}
