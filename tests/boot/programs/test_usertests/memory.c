/*
 * Memory: pointers that are none, the break, and what a program must not touch.
 */
#include "cases.h"

#include <castle/address_map.h>
#include <castle/castle.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096

/* Nothing that a program may have lies there. */
static const uint32_t wild[] = {
	0,
	8,
	0x1000,
	0x00100000,
	CASTLE_KERNEL_END - 4,
	CASTLE_STACK_GUARD_END - PAGE,
	0xFF000000,
	0xFFFFF000,
	0xFFFFFFFC,
};
#define WILD_COUNT (sizeof wild / sizeof *wild)

static void *at(uint32_t address)
{
	return (void *)(uintptr_t)address;
}

static void bad_buffers(void)
{
	int ends[2];
	const int fd = open("buffers", O_CREAT | O_RDWR, 0644);

	want(pipe(ends) == 0 && write(fd, "something", 9) == 9 && write(ends[1], "some", 4) == 4);
	for (size_t i = 0; i < WILD_COUNT; i++) {
		want_errno(write(fd, at(wild[i]), 8192), EFAULT);
		want_errno(write(ends[1], at(wild[i]), 8192), EFAULT);
		want(lseek(fd, 0, SEEK_SET) == 0);
		want_errno(read(fd, at(wild[i]), 8192), EFAULT);
		want_errno(read(ends[0], at(wild[i]), 8192), EFAULT);
		/* The library writes what these return by itself. */
		want(castle_call1(CASTLE_CALL_pipe, wild[i]) == -EFAULT);
		want(castle_call2(CASTLE_CALL_fstat, fd, wild[i]) == -EFAULT);
	}
	close(fd);
	want(unlink("buffers") == 0);
}

static void bad_names(void)
{
	struct stat status;

	for (size_t i = 0; i < WILD_COUNT; i++) {
		const char *name = at(wild[i]);

		want_errno(open(name, O_CREAT | O_WRONLY, 0644), EFAULT);
		want_errno(unlink(name), EFAULT);
		want_errno(mkdir(name, 0755), EFAULT);
		want_errno(rmdir(name), EFAULT);
		want_errno(chdir(name), EFAULT);
		want_errno(link(name, "x"), EFAULT);
		want_errno(link("/bin/init", name), EFAULT);
		want_errno(rename(name, "x"), EFAULT);
		want_errno(stat(name, &status), EFAULT);
	}
}

/* A string whose end would lie behind the last byte of the heap. */
static void endless_name(void)
{
	char *last;

	want(sbrk(1) != (void *)-1);
	last = (char *)castle_call1(CASTLE_CALL_brk, 0) - 1;
	*last = 'x';
	want_errno(unlink(last), EFAULT);
	want_errno(open(last, O_CREAT | O_WRONLY, 0644), EFAULT);
}

static void touch(int number)
{
	volatile char *address = at(wild[number]);

	*address = 1;
	_exit(0);
}

static void look(int number)
{
	const volatile char *address = at(wild[number]);

	(void)*address;
	_exit(0);
}

static bool is_killed(void (*child)(int), int number)
{
	int status;
	const pid_t pid = case_fork(child, number);

	return waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) &&
	       WTERMSIG(status) == SIGSEGV;
}

/* Neither read nor written. */
static void others_memory(void)
{
	for (size_t i = 0; i < WILD_COUNT; i++)
		want(is_killed(touch, i) && is_killed(look, i));
}

static void write_code(int number)
{
	(void)number;
	*(volatile char *)(uintptr_t)write_code = (char)0xc3;
}

static void code(void)
{
	want(is_killed(write_code, 0));
}

/* The bottom is far above this depth. */
static int dig(int depth)
{
	volatile char page[PAGE];

	page[0] = depth;
	return depth > 100000 ? 0 : dig(depth + 1) + page[0];
}

static void overflow(int number)
{
	_exit(dig(number));
}

static void stack_overflows(void)
{
	want(is_killed(overflow, 0));
}

/* Fresh memory is zero, what is not initialised as well as what the break gives. */
static char nothing[10 * PAGE];

static void zeros(void)
{
	const char *more;

	for (size_t i = 0; i < sizeof nothing; i++)
		want(nothing[i] == 0);
	more = sbrk(10 * PAGE);
	want(more != (void *)-1);
	for (int i = 0; i < 10 * PAGE; i++)
		want(more[i] == 0);
}

static void break_by_bytes(void)
{
	for (int i = 0; i < 5000; i++) {
		char *byte = sbrk(1);

		want(byte != (void *)-1);
		*byte = 1;
	}
}

/* A break of what no machine has is refused; the program goes on. */
static void too_much(void)
{
	want(sbrk(0x7f000000) == (void *)-1 && errno == ENOMEM);
	free(malloc(100000));
}

/* Calls read and write memory that the break has just given and nobody has touched. */
static void untouched(void)
{
	char *fresh = sbrk(4 * PAGE);
	int *ends = (int *)(void *)(fresh + 2 * PAGE);
	const int fd = open("fresh", O_CREAT | O_RDWR, 0644);

	want(write(fd, fresh, PAGE) == PAGE);
	want(lseek(fd, 0, SEEK_SET) == 0 && read(fd, fresh + PAGE, PAGE) == PAGE);
	want(pipe(ends) == 0 && ends[0] > 2 && ends[1] > 2);
	close(fd);
	want(unlink("fresh") == 0);
}

static void take_all(int number)
{
	size_t size = 1u << 20;

	(void)number;
	for (void *block; size >= PAGE;)
		if ((block = malloc(size)) != NULL)
			memset(block, 1, size);
		else
			size /= 2;
}

/* A process takes all memory there is, or is killed by it; others go on, and it comes back. */
static void all_memory(void)
{
	int status;

	for (int i = 0; i < 2; i++) {
		const pid_t pid = case_fork(take_all, i);

		want(waitpid(pid, &status, 0) == pid);
		want(WIFSIGNALED(status) || status == 0);
	}
	void *block = malloc(1 << 20);
	want(block != NULL);
	memset(block, 1, 1 << 20);
	free(block);
}

static void exec_without_memory(int number)
{
	char *arguments[] = { "echo", "x", NULL };

	close(1);
	take_all(number);
	execv("/bin/echo", arguments);
	_exit(0);
}

/* exec when memory is out: the program runs or does not, and nothing stays behind. */
static void exec_at_the_end(void)
{
	int status;

	for (int i = 0; i < 2; i++) {
		const pid_t pid = case_fork(exec_without_memory, i);

		want(waitpid(pid, &status, 0) == pid);
	}
}

const struct user_case memory_cases[] = {
	{ "bad buffers", bad_buffers },
	{ "bad names", bad_names },
	{ "a name without an end", endless_name },
	{ "memory of others", others_memory },
	{ "code", code },
	{ "stack overflows", stack_overflows },
	{ "zeros", zeros },
	{ "break by bytes", break_by_bytes },
	{ "too much", too_much },
	{ "untouched", untouched },
	{ "all memory", all_memory },
	{ "exec at the end of memory", exec_at_the_end },
	{ NULL, NULL },
};
