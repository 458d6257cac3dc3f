/*
 * MAP_SHARED: pages that forked processes share, pages of files, and shared memory with names
 * (POSIX.1-2017, mmap(), shm_open()).
 */
#include "common/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096

static void *shared(size_t size, int fd, off_t offset)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | (fd < 0 ? MAP_ANONYMOUS : 0),
		    fd, offset);
}

static bool all_zero(const char *memory, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (memory[i])
			return false;
	return true;
}

static void test_anonymous(void)
{
	volatile int *const memory = shared(3 * PAGE, -1, 0);

	ok(memory != MAP_FAILED && all_zero((char *)memory, 3 * PAGE), "three pages of zeros");
	if (fork() == 0) {
		memory[1] = 11;
		if (fork() == 0) {
			memory[2 * PAGE / 4] = memory[1] + 1;
			_exit(0);
		}
		wait(NULL);
		_exit(0);
	}
	wait(NULL);
	ok_is(memory[1], 11, "what a child writes is seen");
	ok_is(memory[2 * PAGE / 4], 12, "and what its child does");
	ok(munmap((void *)memory, 3 * PAGE) == 0, "munmap");
	for (int i = 0; i < 20; i++)
		memset(malloc(PAGE), 'x', PAGE);
	ok_is(memory[1], 11, "after which nothing else comes to lie there");
}

/* Each adds to a common word without a lock, and to one of its own. */
static void test_counting(void)
{
	unsigned *const memory = shared(PAGE, -1, 0);

	for (int child = 0; child < 4; child++)
		if (fork() == 0) {
			for (int i = 0; i < 20000; i++) {
				__atomic_add_fetch(&memory[0], 1, __ATOMIC_SEQ_CST);
				memory[16 * (child + 1)]++;
			}
			_exit(0);
		}
	while (wait(NULL) > 0)
		;
	ok_is(memory[0], 80000, "four processes count in one word");
	ok_is(memory[16] + memory[32] + memory[48] + memory[64], 80000,
	      "and in words of their own");
}

static void test_file(void)
{
	char buffer[8] = "";
	const int fd = open("/mapped", O_RDWR | O_CREAT | O_TRUNC, 0644);
	char *one, *other;

	write(fd, "0123456789", 10);
	one = shared(PAGE, fd, 0);
	ok(one != MAP_FAILED && memcmp(one, "0123456789", 11) == 0, "a small file is mapped");
	ok(all_zero(one + 10, PAGE - 10), "with zeros behind its end");
	one[2] = 'x';
	pread(fd, buffer, 4, 0);
	ok(memcmp(buffer, "01x3", 4) == 0, "read sees what is written there");
	pwrite(fd, "yz", 2, 4);
	ok(memcmp(one, "01x3yz67", 8) == 0, "and the mapping what write does");
	other = shared(PAGE, open("/mapped", O_RDWR), 0);
	ok(other != one && other[2] == 'x', "a second mapping");
	other[0] = 'q';
	ok(one[0] == 'q', "of the same page");
	close(fd);
	one[1] = 'r';
	ok(other[1] == 'r', "also after the descriptor is closed");
	unlink("/mapped");
	other[3] = 's';
	ok(memcmp(one, "qrxsyz67", 8) == 0, "and the file is gone");
}

static void test_large_file(void)
{
	const int fd = open("/large", O_RDWR | O_CREAT | O_TRUNC, 0644);
	char *memory, byte = 0;

	ftruncate(fd, 5 << 20);
	memory = shared(4 * PAGE, fd, (4 << 20) + PAGE);
	ok(memory != MAP_FAILED && all_zero(memory, 4 * PAGE), "a hole in a file of 5 MB");
	memory[3 * PAGE + 7] = 'm';
	pread(fd, &byte, 1, (4 << 20) + 4 * PAGE + 7);
	ok_is(byte, 'm', "is filled by the mapping");
	ftruncate(fd, 0);
	ok_is(memory[3 * PAGE + 7], 'm', "whose page stays when the file is cut");
	ftruncate(fd, 5 << 20);
	pread(fd, &byte, 1, (4 << 20) + 4 * PAGE + 7);
	ok_is(byte, 0, "but is the file's no more");
	close(fd);
	unlink("/large");
}

static void write_read_only(void)
{
	const int fd = open("/shared", O_RDONLY);
	volatile char *memory = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);

	memory[0] = 1;
}

static void test_permissions(void)
{
	const int fd = open("/shared", O_RDWR | O_CREAT, 0644);
	const int reader = open("/shared", O_RDONLY), writer = open("/shared", O_WRONLY);
	char *memory;
	int fds[2];

	write(fd, "text", 4);
	memory = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, reader, 0);
	ok(memory != MAP_FAILED && strcmp(memory, "text") == 0, "mapped for reading");
	ok_is(WTERMSIG(in_child(write_read_only)), SIGSEGV, "what cannot be written then");
	ok_errno(pread(fd, memory, 1, 0), EFAULT, "not even by the kernel");
	ok_errno((long)shared(PAGE, reader, 0), EACCES, "nor mapped for writing");
	ok_errno((long)shared(PAGE, writer, 0), EACCES, "not open for reading");
	pipe(fds);
	ok_errno((long)mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fds[0], 0), ENODEV, "a pipe");
	ok_errno((long)shared(PAGE, 99, 0), EBADF, "no file");
	ok_errno((long)shared(PAGE, fd, 5), EINVAL, "not from a page's start");
	ok_errno((long)mmap(NULL, PAGE, PROT_READ, MAP_ANONYMOUS, -1, 0), EINVAL,
		 "neither shared nor private");
	memory = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, open("/bin/true", O_RDONLY), 0);
	ok(memory != MAP_FAILED && memcmp(memory, "\177ELF", 4) == 0, "a program's file");
}

static void test_names(void)
{
	const int fd = shm_open("/region", O_RDWR | O_CREAT | O_EXCL, 0600);
	char *memory;

	ok(fd >= 0, "shm_open makes it");
	ok_errno(shm_open("/region", O_RDWR | O_CREAT | O_EXCL, 0600), EEXIST, "once");
	ftruncate(fd, PAGE);
	memory = shared(PAGE, fd, 0);
	if (fork() == 0) {
		char *other = shared(PAGE, shm_open("/region", O_RDWR, 0), 0);

		strcpy(other, "by name");
		_exit(0);
	}
	wait(NULL);
	ok(strcmp(memory, "by name") == 0, "another process finds it by its name");
	ok(shm_unlink("/region") == 0, "shm_unlink");
	ok_errno(shm_open("/region", O_RDWR, 0), ENOENT, "and it is gone");
	ok_errno(shm_open("/a/b", O_RDWR | O_CREAT, 0600), EINVAL, "a name has one slash");
	ok_errno(shm_unlink("none"), ENOENT, "no such name");
}

static void test_shared_semaphore(void)
{
	sem_t *const turns = shared(PAGE, -1, 0);
	int *const word = (int *)(turns + 2);

	sem_init(&turns[0], 1, 1);
	sem_init(&turns[1], 1, 0);
	if (fork() == 0) {
		for (int i = 0; i < 5; i++) {
			sem_wait(&turns[1]);
			*word = *word * 2;
			sem_post(&turns[0]);
		}
		_exit(0);
	}
	for (int i = 0; i < 5; i++) {
		sem_wait(&turns[0]);
		*word += 1;
		sem_post(&turns[1]);
	}
	wait(NULL);
	ok_is(*word, 62, "two processes take turns by two semaphores");
	ok_errno(sem_timedwait(&turns[1], &(struct timespec){ 1, 0 }), ETIMEDOUT, "a deadline");
}

static void test_named_semaphores(void)
{
	sem_t *const one = sem_open("/name", O_CREAT | O_EXCL, 0600, 2);
	int value = -1, status;

	ok(one != SEM_FAILED && sem_getvalue(one, &value) == 0 && value == 2, "sem_open makes one");
	ok(sem_open("/name", O_CREAT, 0600, 9) == one, "which is found again");
	ok(sem_open("/name", O_CREAT | O_EXCL, 0600, 9) == SEM_FAILED && errno == EEXIST,
	   "and not made again");
	ok(sem_open("/none", 0) == SEM_FAILED && errno == ENOENT, "no such name");
	ok(sem_open("/a/b", O_CREAT, 0600, 1) == SEM_FAILED && errno == EINVAL, "two slashes");
	ok(sem_open("/big", O_CREAT, 0600, SEM_VALUE_MAX + 1u) == SEM_FAILED && errno == EINVAL,
	   "a value that is too large");
	sem_wait(one);
	sem_wait(one);
	if (fork() == 0) {
		sem_t *other = sem_open("/name", 0);

		_exit(sem_trywait(other) == -1 && errno == EAGAIN && sem_post(other) == 0);
	}
	ok_is(sem_wait(one), 0, "another process posts");
	wait(&status);
	ok_is(WEXITSTATUS(status), 1, "having found it by its name");
	ok(sem_close(one) == 0 && sem_close(one) == 0, "closed as often as opened");
	ok_errno(sem_close(one), EINVAL, "and not more often");
	ok(sem_unlink("/name") == 0, "sem_unlink");
	ok_errno(sem_unlink("/name"), ENOENT, "once");
}

static void map_and_end(void)
{
	const int fd = open("/gone", O_RDWR | O_CREAT, 0644);
	char *memory = shared(8 * PAGE, fd, 0), *fresh = shared(8 * PAGE, -1, 0);

	memset(memory, 1, 8 * PAGE);
	unlink("/gone");
	if (fork() == 0) {
		memset(fresh, 2, 8 * PAGE);
		_exit(0);
	}
	wait(NULL);
	_exit(fresh[8 * PAGE - 1]);
}

static void map_in_child(void)
{
	in_child(map_and_end);
}

int main(void)
{
	test_anonymous();
	test_counting();
	test_file();
	test_large_file();
	test_permissions();
	test_names();
	test_shared_semaphore();
	test_named_semaphores();
	ok_leaves_memory(map_in_child, "all of it goes with the processes");
	return done_testing();
}
