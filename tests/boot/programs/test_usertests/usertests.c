/*
 * What a user's program may try, friendly or not: cases in the manner of xv6's usertests (MIT
 * PDOS), in POSIX calls and words of our own. Each runs in a process of its own; afterwards its
 * directory can be removed, and in the end memory is what it was.
 */
#include "cases.h"

#include "../common/guard.h"
#include "../common/tap.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct user_case *const tables[] = { file_cases, name_cases, process_cases,
						  memory_cases };
static const struct user_case *running;
static char folder[32]; /* a new one for each case: one that failed leaves files in its own */

void case_want(bool good, const char *what, const char *file, int line)
{
	if (good)
		return;
	printf("# %s:%d: not so: %s\n", file, line, what);
	fflush(stdout);
	_exit(1);
}

void case_make_file(const char *name, char letter, size_t size)
{
	char bytes[512];
	const int fd = open(name, O_CREAT | O_TRUNC | O_WRONLY, 0644);

	want(fd >= 0);
	memset(bytes, letter, sizeof bytes);
	while (size) {
		const size_t part = size < sizeof bytes ? size : sizeof bytes;

		want(write(fd, bytes, part) == (ssize_t)part);
		size -= part;
	}
	close(fd);
}

long case_file_is(const char *name, char letter)
{
	char bytes[512];
	const int fd = open(name, O_RDONLY);
	ssize_t got;
	long size = 0;

	if (fd < 0)
		return -1;
	while ((got = read(fd, bytes, sizeof bytes)) > 0) {
		for (ssize_t i = 0; i < got; i++)
			if (bytes[i] != letter)
				size = -2 - got - size;
		size += got;
	}
	close(fd);
	return size < 0 ? -2 : size;
}

pid_t case_fork(void (*child)(int), int number)
{
	const pid_t pid = fork();

	want(pid >= 0);
	if (pid == 0) {
		child(number);
		_exit(0);
	}
	return pid;
}

void case_await(int count)
{
	while (count--) {
		int status = -1;

		want(wait(&status) > 0);
		want(status == 0);
	}
}

static void run_in_folder(void)
{
	want(chdir(folder) == 0);
	running->run();
}

/* Whether it went well, and left nothing behind. */
static bool run_case(const struct user_case *one)
{
	static int number;
	int status;

	running = one;
	snprintf(folder, sizeof folder, "/tmp/usertests%d", ++number);
	if (mkdir(folder, 0755) != 0)
		return false;
	status = guard_child(run_in_folder);
	return rmdir(folder) == 0 && status == 0;
}

static int run_all(bool told)
{
	int failed = 0;

	for (unsigned i = 0; i < sizeof tables / sizeof *tables; i++)
		for (const struct user_case *one = tables[i]; one->name; one++) {
			const bool good = run_case(one);

			failed += !good;
			if (told)
				ok(good, "%s", one->name);
		}
	return failed;
}

static void run_again(void)
{
	run_all(false);
}

/* With a name, that case alone. */
static int run_one(const char *name)
{
	for (unsigned i = 0; i < sizeof tables / sizeof *tables; i++)
		for (const struct user_case *one = tables[i]; one->name; one++)
			if (strcmp(one->name, name) == 0)
				ok(run_case(one), "%s", name);
	return done_testing();
}

int main(int argc, char **argv)
{
	if (argc == 2)
		return run_one(argv[1]);
	if (run_all(true) == 0)
		ok_leaves_memory(run_again, "all of them leave memory as it was");
	return done_testing();
}
