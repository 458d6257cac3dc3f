/*
 * Memory that the library maps: zeros and copies of files; and the flags of handlers that the
 * library keeps.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "common/tap.h"

#define PAGE 4096

static void *map(size_t size)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static bool all_are(const char *memory, size_t size, char value)
{
	for (size_t i = 0; i < size; i++)
		if (memory[i] != value)
			return false;
	return true;
}

static void test_anonymous(void)
{
	char *first = map(3 * PAGE), *second, *third;
	void *block = malloc(100000);

	ok(first != MAP_FAILED && (unsigned long)first % PAGE == 0, "a mapping is of whole pages");
	ok(all_are(first, 3 * PAGE, 0), "and of zeros");
	memset(first, 'a', 3 * PAGE);
	memset(block, 'b', 100000);
	second = map(100);
	memset(second, 'c', 100);
	ok(all_are(first, 3 * PAGE, 'a'), "neither the heap nor another mapping is in it");
	munmap(first + PAGE, PAGE);
	munmap(first, PAGE);
	third = map(2 * PAGE);
	ok(third == first, "what was given back in parts is used again as one");
	ok(all_are(third, 2 * PAGE, 0), "with zeros in it");
	ok(all_are(first + 2 * PAGE, PAGE, 'a'), "the part that was kept is as it was");
	ok(all_are(block, 100000, 'b'), "and so is the heap");
	free(block);
	block = malloc(300000);
	memset(block, 'd', 300000);
	free(block);
	ok(all_are(map(80 * PAGE), 80 * PAGE, 0), "nothing of what the heap was used for is left");
}

static void test_file(void)
{
	const int fd = open("/tmp/mapped", O_RDWR | O_CREAT | O_TRUNC, 0644);
	char page[PAGE], *memory;

	memset(page, 'x', sizeof page);
	write(fd, page, sizeof page);
	write(fd, "end", 3);
	memory = mmap(NULL, PAGE + 10, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	ok(memory != MAP_FAILED && all_are(memory, PAGE, 'x'), "a file's content");
	ok(memcmp(memory + PAGE, "end\0\0\0\0", 7) == 0, "ends with zeros");
	memory[0] = 'y';
	pread(fd, page, 1, 0);
	ok_is(page[0], 'x', "what is written there does not reach the file");
	memory = mmap(NULL, 10, PROT_READ, MAP_PRIVATE, fd, PAGE);
	ok(memory != MAP_FAILED && memcmp(memory, "end", 4) == 0, "from an offset on");
	ok(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 1) == MAP_FAILED && errno == EINVAL,
	   "which is that of a page");
	memory = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ok(memory != MAP_FAILED && all_are(memory, PAGE, 'x'), "the content itself");
	if (memory != MAP_FAILED)
		memory[0] = 'z';
	pread(fd, page, 1, 0);
	ok_is(page[0], 'z', "of which what is written there is the file's");
	ok(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, 77, 0) == MAP_FAILED && errno == EBADF,
	   "there is no descriptor 77");
	ok(mmap(NULL, 0x7fffffff, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED &&
		   errno == ENOMEM,
	   "there are limits");
	close(fd);
	unlink("/tmp/mapped");
}

static volatile int handled;

static void handle(int signal)
{
	handled = signal;
}

static void handle_informed(int signal, siginfo_t *information, void *context)
{
	(void)context;
	handled = information->si_signo == signal ? signal : -1;
}

/* What read() returns when SIGUSR1 strikes before there is anything to read; errno is read()'s. */
static ssize_t read_interrupted(void)
{
	const pid_t parent = getpid();
	int ends[2], error;
	ssize_t result;
	char byte;
	pid_t pid;

	pipe(ends);
	handled = 0;
	pid = fork();
	if (pid == 0) {
		usleep(100000);
		kill(parent, SIGUSR1);
		usleep(100000);
		write(ends[1], "r", 1);
		_exit(0);
	}
	result = read(ends[0], &byte, 1);
	error = errno;
	close(ends[0]);
	close(ends[1]);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	errno = error;
	return result;
}

static void test_flags(void)
{
	struct sigaction action = { .sa_flags = SA_RESTART }, old;

	signal(SIGPIPE, SIG_IGN);
	action.sa_handler = handle;
	sigaction(SIGUSR1, &action, NULL);
	ok_is(read_interrupted(), 1, "with SA_RESTART, a signal does not end read()");
	ok_is(handled, SIGUSR1, "although its handler ran");
	action.sa_flags = 0;
	sigaction(SIGUSR1, &action, &old);
	ok(old.sa_handler == handle && old.sa_flags == SA_RESTART,
	   "sigaction() tells handler and flags");
	ok_errno(read_interrupted(), EINTR, "without, it does");
	action.sa_flags = SA_SIGINFO | SA_RESETHAND;
	action.sa_sigaction = handle_informed;
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
	ok_is(handled, SIGUSR1,
	      "a handler with three arguments gets the signal's number in the second");
	sigaction(SIGUSR1, NULL, &old);
	ok(old.sa_handler == SIG_DFL, "with SA_RESETHAND, once");
}

int main(void)
{
	test_anonymous();
	test_file();
	test_flags();
	return done_testing();
}
