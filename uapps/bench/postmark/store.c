/*
 * One file of the pool: created, appended to, read as a whole. By stdio, which is what PostMark
 * does unless told otherwise, or by the system calls alone.
 */
#include "../common/bench.h"
#include "postmark.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char buffer[BLOCK_MAX];

/* The next block of `left` bytes. */
static uint32_t block_of(uint32_t left, uint32_t block)
{
	return left < block ? left : block;
}

/* What was read after `done` bytes of the file is what was written there. */
static void check_read(const char *bytes, uint32_t size, uint32_t done, size_t count)
{
	bench_check(count <= size - done && memcmp(buffer, bytes + done, count) == 0,
		    "what a file holds");
}

static void buffered_write(const char *name, const char *mode, const char *bytes, uint32_t size,
			   uint32_t block)
{
	FILE *file = fopen(name, mode);

	bench_check(file != NULL, "fopen");
	while (size > 0) {
		const uint32_t part = block_of(size, block);
		bench_check(fwrite(bytes, 1, part, file) == part, "fwrite");
		bytes += part;
		size -= part;
	}
	bench_check(fclose(file) == 0, "fclose");
}

static void buffered_create(const char *name, const char *bytes, uint32_t size, uint32_t block)
{
	buffered_write(name, "w", bytes, size, block);
}

static void buffered_append(const char *name, const char *bytes, uint32_t size, uint32_t block)
{
	buffered_write(name, "a", bytes, size, block);
}

static void buffered_read(const char *name, const char *bytes, uint32_t size, uint32_t block)
{
	FILE *file = fopen(name, "r");
	uint32_t done = 0;
	size_t count;

	bench_check(file != NULL, "fopen");
	do {
		count = fread(buffer, 1, block, file);
		check_read(bytes, size, done, count);
		done += count;
	} while (count == block);
	bench_check(done == size && !ferror(file), "fread");
	bench_check(fclose(file) == 0, "fclose");
}

const struct store store_buffered = { buffered_create, buffered_append, buffered_read };

static void plain_write(const char *name, int flags, const char *bytes, uint32_t size,
			uint32_t block)
{
	const int fd = open(name, flags, 0644);

	bench_check(fd >= 0, "open");
	while (size > 0) {
		const uint32_t part = block_of(size, block);
		bench_check(write(fd, bytes, part) == (ssize_t)part, "write");
		bytes += part;
		size -= part;
	}
	bench_check(close(fd) == 0, "close");
}

static void plain_create(const char *name, const char *bytes, uint32_t size, uint32_t block)
{
	plain_write(name, O_WRONLY | O_CREAT | O_TRUNC, bytes, size, block);
}

static void plain_append(const char *name, const char *bytes, uint32_t size, uint32_t block)
{
	plain_write(name, O_WRONLY | O_APPEND, bytes, size, block);
}

static void plain_read(const char *name, const char *bytes, uint32_t size, uint32_t block)
{
	const int fd = open(name, O_RDONLY);
	uint32_t done = 0;
	ssize_t count;

	bench_check(fd >= 0, "open");
	do {
		count = read(fd, buffer, block);
		bench_check(count >= 0, "read");
		check_read(bytes, size, done, count);
		done += count;
	} while (count == (ssize_t)block);
	bench_check(done == size, "read");
	bench_check(close(fd) == 0, "close");
}

const struct store store_plain = { plain_create, plain_append, plain_read };
