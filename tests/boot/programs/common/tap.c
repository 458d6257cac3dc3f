/*
 * TAP output and helpers.
 */
#include "tap.h"

#include <castle/castle.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int tests, failures;

bool ok(bool good, const char *name, ...)
{
	va_list arguments;

	printf("%sok %d - ", good ? "" : "not ", ++tests);
	va_start(arguments, name);
	vprintf(name, arguments);
	va_end(arguments);
	putchar('\n');
	fflush(stdout);
	failures += !good;
	return good;
}

bool ok_is(long value, long expected, const char *name)
{
	if (value == expected)
		return ok(true, "%s", name);
	return ok(false, "%s (got %ld, expected %ld)", name, value, expected);
}

bool ok_errno(long result, int expected, const char *name)
{
	const int error = errno;

	if (result == -1 && error == expected)
		return ok(true, "%s: %s", name, strerror(expected));
	return ok(false, "%s: got %ld, errno %d; expected -1, %d (%s)", name, result, error,
		  expected, strerror(expected));
}

int done_testing(void)
{
	printf("1..%d\n", tests);
	fflush(stdout);
	return failures ? 1 : 0;
}

int in_child(void (*child)(void))
{
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		child();
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return status;
}

long free_pages(void)
{
	struct castle_memory_info memory;

	castle_info(CASTLE_INFO_MEMORY, &memory, sizeof memory);
	return memory.free_pages;
}

static long memory_awaited(long expected)
{
	for (int tries = 0; tries < 50 && free_pages() != expected; tries++)
		usleep(10000);
	return free_pages();
}

bool ok_memory_is(long expected, const char *name)
{
	const long pages = memory_awaited(expected);

	return pages > expected ? ok(true, "%s", name) : ok_is(pages, expected, name);
}

bool ok_leaves_memory(void (*what)(void), const char *name)
{
	long before, after;

	for (int tries = 0; tries < 3; tries++) {
		before = free_pages();
		what();
		after = memory_awaited(before);
		if (after == before)
			break;
	}
	return ok_is(after, before, name);
}
