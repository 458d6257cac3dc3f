/*
 * What runs wrote, read back: the results (text) and the traces (events of 16 bytes). Of several
 * processes the sum.
 */
#ifndef LOPI_RESULT_H
#define LOPI_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct result_function {
	uint64_t calls, cycles, self;
	uint32_t value;
	const char *symbol; /* its name as the object has it */
	const char *name;   /* as people write it */
};

struct result_arc {
	uint64_t calls, cycles;
	const char *caller, *callee; /* symbols; caller "-": code that is not instrumented */
};

/* What events call a function by, and which one that is. */
struct result_record {
	uint32_t record;
	size_t function;
};

/* One process. */
struct result_source {
	const char *path;
	bool traced; /* it has written a trace */
	struct result_record *records;
	size_t record_count;
	void *names; /* while it is read */
};

struct result {
	void *names; /* functions by their names */
	struct result_source *sources;
	size_t source_count;
	struct result_function *functions;
	size_t function_count;
	struct result_arc *arcs;
	size_t arc_count;
	unsigned threads;
	uint64_t jumps, lost;
	uint64_t run_cycles, run_nanoseconds; /* how long the programs ran, in both; or 0 */
};

struct result_event {
	uint64_t time;
	size_t function; /* index */
	bool leave;
	uint32_t thread; /* another number for each thread of each process */
	uint32_t source;
	uint32_t order; /* in the file */
};

/* Reads the results of a run, or those of several. Ends the tool if a file is none. */
struct result *result_read(char *const *paths, int count);

/* Makes one arc of those with the same names. */
void result_merge_arcs(struct result *result);

/* Whether there are traces. */
bool result_is_traced(const struct result *result);

/* Reads the traces beside the results, in the order of time. */
struct result_event *result_read_trace(const struct result *result, size_t *count);

/* Seconds, or 0 if it is not known how long a cycle is. */
double result_seconds(const struct result *result, uint64_t cycles);

/* Writes results that have been read as one file, and the events as its trace. */
void result_write(const struct result *result, const char *path);

#endif
