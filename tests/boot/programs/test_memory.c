/*
 * Memory: the heap, and bad pointers: every call that takes an address gets ones that no program
 * may pass, and answers EFAULT.
 */
#include "common/tap.h"

#include <castle/castle.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGE_SIZE 4096

static const struct {
	const char *what;
	uint32_t address;
} bad_pointers[] = {
	{ "null", 0 },
	{ "the kernel's page 0", 8 },
	{ "the kernel", 0x100000 },
	{ "the end of the kernel's range", 0x3ffffffc },
	{ "an unused code slot", CASTLE_CODE_BASE + 200 * CASTLE_CODE_SLOT_SIZE },
	{ "the stack's guard page", 0x80000800 },
	{ "beyond the heap", 0xbffff000 },
	{ "an unused thread stack", 0xc0002000 },
	{ "the end of the program's range", CASTLE_USER_END - 2 },
	{ "beyond the program's range", CASTLE_USER_END },
	{ "the last bytes of memory", 0xfffffffc },
};

#define BAD_COUNT (sizeof bad_pointers / sizeof *bad_pointers)

/* A call and the argument that is made bad; the others are good. */
struct pointer_call {
	const char *name;
	uint32_t call;
	int bad; /* index of the argument */
	uint32_t arguments[3];
};

/* Calls each of them with each bad pointer; all must say EFAULT. */
static void test_pointers(const struct pointer_call *calls, unsigned count)
{
	for (unsigned c = 0; c < count; c++) {
		int wrong = 0;
		for (unsigned p = 0; p < BAD_COUNT; p++) {
			uint32_t arguments[3];
			memcpy(arguments, calls[c].arguments, sizeof arguments);
			arguments[calls[c].bad] = bad_pointers[p].address;
			const int32_t result = castle_call4(calls[c].call, arguments[0],
							    arguments[1], arguments[2], 0);
			if (result == -EFAULT || (p == 0 && result >= 0 && calls[c].bad > 0))
				continue; /* null stands for "none" in some calls */
			printf("# %s with %s: %ld\n", calls[c].name, bad_pointers[p].what,
			       (long)result);
			wrong++;
		}
		ok(wrong == 0, "%s, argument %d: bad pointers", calls[c].name, calls[c].bad + 1);
	}
}

static void test_bad_pointers(void)
{
	static char path[] = "/tmp/bad", text[64] = "text", good[256];
	const int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	const int console = open("/dev/zero", O_RDWR), directory = open("/bin", O_RDONLY);
	const uint32_t name = (uint32_t)path, buffer = (uint32_t)good;
	int ends[2];

	pipe(ends);
	write(ends[1], text, sizeof text);
	write(fd, text, sizeof text);
	lseek(fd, 0, SEEK_SET);
	const struct pointer_call calls[] = {
		{ "open", CASTLE_CALL_open, 0, { 0, O_RDONLY, 0 } },
		{ "read of a file", CASTLE_CALL_read, 1, { fd, 0, 4 } },
		{ "read of a pipe", CASTLE_CALL_read, 1, { ends[0], 0, 4 } },
		{ "read of a device", CASTLE_CALL_read, 1, { console, 0, 4 } },
		{ "write to a file", CASTLE_CALL_write, 1, { fd, 0, 4 } },
		{ "write to a pipe", CASTLE_CALL_write, 1, { ends[1], 0, 4 } },
		{ "fstat", CASTLE_CALL_fstat, 1, { fd, 0, 0 } },
		{ "stat", CASTLE_CALL_stat, 0, { 0, buffer, 0 } },
		{ "stat", CASTLE_CALL_stat, 1, { name, 0, 0 } },
		{ "unlink", CASTLE_CALL_unlink, 0, { 0, 0, 0 } },
		{ "link", CASTLE_CALL_link, 0, { 0, name, 0 } },
		{ "link", CASTLE_CALL_link, 1, { name, 0, 0 } },
		{ "rename", CASTLE_CALL_rename, 0, { 0, name, 0 } },
		{ "rename", CASTLE_CALL_rename, 1, { name, 0, 0 } },
		{ "mkdir", CASTLE_CALL_mkdir, 0, { 0, 0755, 0 } },
		{ "rmdir", CASTLE_CALL_rmdir, 0, { 0, 0, 0 } },
		{ "getdents", CASTLE_CALL_getdents, 1, { directory, 0, 256 } },
		{ "pipe", CASTLE_CALL_pipe, 0, { 0, 0, 0 } },
		{ "chdir", CASTLE_CALL_chdir, 0, { 0, 0, 0 } },
		{ "getcwd", CASTLE_CALL_getcwd, 0, { 0, 64, 0 } },
		{ "chmod", CASTLE_CALL_chmod, 0, { 0, 0644, 0 } },
		{ "truncate", CASTLE_CALL_truncate, 0, { 0, 0, 0 } },
		{ "utime", CASTLE_CALL_utime, 0, { 0, 0, 0 } },
		{ "utime", CASTLE_CALL_utime, 1, { name, 0, 0 } },
		{ "nanosleep", CASTLE_CALL_nanosleep, 0, { 0, 0, 0 } },
		{ "clock_gettime", CASTLE_CALL_clock_gettime, 1, { CASTLE_CLOCK_MONOTONIC, 0, 0 } },
		{ "spawn", CASTLE_CALL_spawn, 0, { 0, 0, 0 } },
		{ "spawn", CASTLE_CALL_spawn, 1, { (uint32_t) "/bin/true", 0, 0 } },
		{ "exec", CASTLE_CALL_exec, 0, { 0, 0, 0 } },
		{ "thread_create", CASTLE_CALL_thread_create, 0, { 0, 0, 0 } },
		{ "sigaction", CASTLE_CALL_sigaction, 1, { 10, 0, 0 } },
		{ "sigaction", CASTLE_CALL_sigaction, 2, { 10, 0, 0 } },
		{ "sigprocmask", CASTLE_CALL_sigprocmask, 1, { 0, 0, 0 } },
		{ "sigprocmask", CASTLE_CALL_sigprocmask, 2, { 0, 0, 0 } },
		{ "info", CASTLE_CALL_info, 1, { CASTLE_INFO_MEMORY, 0, 64 } },
		{ "account", CASTLE_CALL_account, 1, { CASTLE_ACCOUNT_STOP, 0, 0 } },
		{ "send", CASTLE_CALL_send, 0, { 0, 0, 0 } },
	};
	test_pointers(calls, sizeof calls / sizeof *calls);
	close(fd);
	unlink(path);
}

/* Read-only pages are fine to read from and no good to write to. */
static void test_read_only(void)
{
	const uint32_t code = (uint32_t)&test_pointers;
	const int fd = open("/tmp/ro", O_RDWR | O_CREAT | O_TRUNC, 0600);

	ok_is(castle_call3(CASTLE_CALL_write, fd, code, 16), 16, "write from code");
	castle_call3(CASTLE_CALL_lseek, fd, 0, 0);
	ok_is(castle_call3(CASTLE_CALL_read, fd, code & ~3u, 16), -EFAULT, "read into code");
	ok_is(castle_call3(CASTLE_CALL_read, fd, CASTLE_KERNEL_PAGE, 16), -EFAULT,
	      "read into the kernel page");
	close(fd);
	unlink("/tmp/ro");
}

/* Ranges that start well and end badly. */
static void test_ranges(void)
{
	char *heap_end;
	int fd = open("/dev/zero", O_RDONLY);

	/* The library moves the break further than it is asked to. */
	sbrk(PAGE_SIZE - (uintptr_t)sbrk(0) % PAGE_SIZE);
	heap_end = (char *)castle_call1(CASTLE_CALL_brk, 0);
	ok_errno(read(fd, heap_end - 8, 16), EFAULT, "a buffer that ends beyond the heap");
	ok_is(read(fd, heap_end - 8, 8), 8, "one that just fits");
	ok_errno(read(fd, heap_end - 8, 0x7fffffff), EFAULT, "one that is far too long");
	ok_errno(read(fd, (void *)0xc0000000, 0x7fffffff), EFAULT, "one that wraps around");
	strcpy(heap_end - 4, "xyz");
	ok_errno(open(heap_end - 4, O_RDONLY), ENOENT, "a string that ends with the heap");
	memset(heap_end - 4, 'x', 4);
	ok_errno(open(heap_end - 4, O_RDONLY), EFAULT, "a string that has no end");
	close(fd);
}

static void test_break(void)
{
	char *start = sbrk(0);
	const long before = free_pages();
	bool zero = true;

	ok(sbrk(100 * PAGE_SIZE) == start, "sbrk");
	ok_is(free_pages(), before, "costs nothing until it is touched");
	for (int i = 0; i < 100 * PAGE_SIZE; i += PAGE_SIZE)
		zero &= start[i] == 0, start[i] = 1;
	ok(zero, "fresh memory is zero");
	/* test_ranges() has touched one. */
	ok(before - free_pages() >= 99, "and then a page each");
	ok_errno((long)sbrk(0x7fff0000), ENOMEM, "sbrk beyond the address space");
	ok_errno((long)sbrk(600 << 20), ENOMEM, "sbrk beyond what is free");
	ok(sbrk(-100 * PAGE_SIZE) != (void *)-1 && sbrk(0) == start, "sbrk back");
	ok_errno((long)sbrk(-0x40000000), ENOMEM, "sbrk below the heap's start");
	ok_is((long)sbrk(0), (long)start, "errors move nothing");
}

static void test_unknown_calls(void)
{
	ok_is(castle_call0(CASTLE_CALL_COUNT), -ENOSYS, "an unknown call by sysenter");
	ok_is(castle_int80_call0(CASTLE_CALL_COUNT), -ENOSYS, "an unknown call by int 0x80");
	ok_is(castle_call0(0xffffffff), -ENOSYS, "call -1");
}

int main(void)
{
	ok(sbrk(0) != (void *)-1, "the heap is there"); /* and stdio has its buffer */
	test_ranges();
	test_break();
	test_read_only();
	test_bad_pointers();
	test_unknown_calls();
	return done_testing();
}
