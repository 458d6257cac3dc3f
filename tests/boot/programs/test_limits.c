/*
 * Limits of a process: each where it has an effect, and that children and further programs have
 * them.
 */
#include "common/guard.h"
#include "common/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static int limit(int resource, rlim_t now, rlim_t most)
{
	const struct rlimit new = { now, most };

	return setrlimit(resource, &new);
}

static void test_questions(void)
{
	struct rlimit limit_now;

	ok_is(getrlimit(RLIMIT_NOFILE, &limit_now), 0, "getrlimit");
	ok_is(limit_now.rlim_cur, 256, "as many descriptors as there can be");
	ok_errno(getrlimit(99, &limit_now), EINVAL, "a limit there is not");
	ok_errno(limit(RLIMIT_NOFILE, 20, 10), EINVAL, "above what it may be");
	ok_errno(limit(RLIMIT_NOFILE, 300, 300), EPERM, "above what there is");
	ok_is(limit(RLIMIT_CORE, RLIM_INFINITY, RLIM_INFINITY), 0, "as much as there is");
}

static void use_descriptors(void)
{
	int fds[2], count = 0, fd;

	if (limit(RLIMIT_NOFILE, 10, 20) != 0 || sysconf(_SC_OPEN_MAX) != 10)
		_exit(1);
	while ((fd = open("/dev/null", O_RDONLY)) >= 0 && count < 300)
		count++;
	if (errno != EMFILE || pipe(fds) == 0 || errno != EMFILE || dup2(0, 10) != -1)
		_exit(2);
	if (limit(RLIMIT_NOFILE, 12, 20) != 0 || open("/dev/null", O_RDONLY) != 10)
		_exit(3);
	_exit(count == 7 ? 42 : count);
}

static volatile int told;

static void note(int signal)
{
	told = signal;
}

static void write_file(void)
{
	static char text[3000];
	const int fd = open("/tmp/limited", O_RDWR | O_CREAT | O_TRUNC, 0600);
	ssize_t first, second;

	signal(SIGXFSZ, note);
	if (limit(RLIMIT_FSIZE, 5000, RLIM_INFINITY) != 0)
		_exit(1);
	first = write(fd, text, sizeof text);
	second = write(fd, text, sizeof text);
	if (first != 3000 || second != 2000 || told)
		_exit(2);
	if (write(fd, text, 1) != -1 || errno != EFBIG || told != SIGXFSZ)
		_exit(3);
	if (ftruncate(fd, 6000) != -1 || errno != EFBIG || ftruncate(fd, 100) != 0)
		_exit(4);
	_exit(42);
}

/* Without a handler. */
static void write_too_much(void)
{
	const int fd = open("/tmp/limited", O_RDWR | O_CREAT | O_TRUNC, 0600);

	limit(RLIMIT_FSIZE, 0, 0);
	write(fd, "x", 1);
	_exit(1);
}

static void allocate(void)
{
	if (limit(RLIMIT_DATA, 2 << 20, RLIM_INFINITY) != 0)
		_exit(1);
	if (malloc(4 << 20) || errno != ENOMEM || !malloc(100000))
		_exit(2);
	limit(RLIMIT_DATA, RLIM_INFINITY, RLIM_INFINITY);
	_exit(malloc(4 << 20) ? 42 : 3);
}

__attribute__((noinline)) static int deep(int levels, volatile char *above)
{
	volatile char here[1024];

	here[0] = above[0] | 1;
	return levels ? deep(levels - 1, here) + here[0] : here[0];
}

static void use_stack(void)
{
	volatile char first[1] = { 0 };

	deep(50, first);
	limit(RLIMIT_STACK, 128 << 10, RLIM_INFINITY);
	deep(50, first);
	deep(200, first);
	_exit(1);
}

static void use_stack_unlimited(void)
{
	volatile char first[1] = { 0 };

	deep(200, first);
	_exit(42);
}

/* The first limit is told of, the second is the end. */
static void use_time(void)
{
	signal(SIGXCPU, note);
	limit(RLIMIT_CPU, 1, 2);
	while (told != SIGXCPU)
		;
	write(1, "# SIGXCPU\n", 10);
	for (;;)
		;
}

/* A program of its own, and a child, which has them from its parent. */
static void run_another(void)
{
	limit(RLIMIT_NOFILE, 9, 9);
	execl("/bin/test_limits", "test_limits", "inherited", NULL);
	_exit(1);
}

static int tell_inherited(void)
{
	const pid_t child = fork();
	struct rlimit now;
	int status;

	if (child == 0) {
		getrlimit(RLIMIT_NOFILE, &now);
		_exit(now.rlim_cur == 9 && now.rlim_max == 9 && dup2(0, 9) == -1 ? 42 : 1);
	}
	waitpid(child, &status, 0);
	return WEXITSTATUS(status);
}

static void leave_some(void)
{
	guard_child(write_too_much);
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "inherited") == 0)
		return tell_inherited();
	test_questions();
	ok_is(guard_exit(use_descriptors), 42, "descriptors");
	ok_is(guard_exit(write_file), 42, "sizes of files");
	ok_is(guard_exit(write_too_much), 1000 + SIGXFSZ, "without a handler it is the end");
	ok_is(guard_exit(allocate), 42, "memory");
	ok_is(guard_exit(use_stack_unlimited), 42, "the stack as it is");
	ok_is(guard_exit(use_stack), 1000 + SIGSEGV, "and with a limit");
	ok_is(guard_exit(use_time), 1000 + SIGKILL, "processor time");
	ok_is(guard_exit(run_another), 42, "children and programs have them, too");
	ok_leaves_memory(leave_some, "they go with the process");
	return done_testing();
}
