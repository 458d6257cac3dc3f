/*
 * PostMark: what its parts share. The model is the one that is published: J. Katcher, PostMark: A
 * New File System Benchmark, Network Appliance TR3022, 1997. pool.c has the pool of files and what
 * is done to it, store.c the ways to read and write one file.
 */
#ifndef UAPPS_BENCH_POSTMARK_POSTMARK_H
#define UAPPS_BENCH_POSTMARK_POSTMARK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A bias is how many of so many transactions read (or create) on average. */
#define BIAS_ALL 10

struct settings {
	uint32_t processes;
	uint32_t files; /* that the pool begins with */
	uint32_t transactions;
	uint32_t size_least, size_most; /* of a file, in bytes */
	uint32_t seed;
	uint32_t read_bias, create_bias;
	uint32_t read_block, write_block; /* bytes that are read or written at a time */
	bool buffered;                    /* by stdio, rather than by system calls */
};

/* What one process did, and when its transactions began and ended. */
struct outcome {
	uint64_t transactions_start, transactions_end;
	uint64_t bytes_read, bytes_written;
	uint32_t created_before; /* the pool */
	uint32_t created, deleted, read, appended;
	uint32_t append_full;   /* appends to a file that had its full size already */
	uint32_t deleted_after; /* what was left */
};

/*
 * The text that files are made of. A file has `size` bytes of it from some `offset` on, both of
 * which the pool knows: so each byte that is read can be checked.
 */
struct text {
	const char *bytes;
	uint32_t size;
};

/* Makes the text, enough for files of the largest size; the seed says which. */
void text_make(const struct settings *settings);

/* All of the benchmark in one process: makes the pool, carries out the transactions, and deletes
 * what is left. The working directory is the process's own. */
void pool_run(const struct settings *settings, uint32_t process, struct outcome *outcome);

/* How a file is accessed. Each ends the program when something fails. */
struct store {
	void (*create)(const char *name, const char *bytes, uint32_t size, uint32_t block);
	void (*append)(const char *name, const char *bytes, uint32_t size, uint32_t block);
	/* Reads all of a file, and checks that it is these bytes and no more. */
	void (*read)(const char *name, const char *bytes, uint32_t size, uint32_t block);
};

extern const struct store store_buffered, store_plain;

/* The largest block: the readers' buffer. */
#define BLOCK_MAX 65536

#endif
