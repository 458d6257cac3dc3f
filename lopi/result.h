/*
 * What a run wrote, read back: the results (text) and the trace (events of 16 bytes).
 */
#ifndef LOPI_RESULT_H
#define LOPI_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct result_function {
	uint32_t record; /* what events call it by */
	uint64_t calls, cycles, self;
	uint32_t value;
	const char *name;
};

struct result_arc {
	uint64_t calls, cycles;
	const char *caller, *callee; /* caller "-": code that is not instrumented */
};

struct result {
	const char *path;
	struct result_function *functions;
	size_t function_count;
	struct result_arc *arcs;
	size_t arc_count;
	unsigned threads;
	uint64_t jumps, lost;
	bool traced; /* the run has written a trace */
};

struct result_event {
	uint64_t time;
	uint32_t record;
	bool leave;
	uint32_t thread;
	uint32_t order; /* in the file */
};

/* Reads a run's results. Ends the tool if the file is not one. */
struct result *result_read(const char *path);

/* Reads the trace beside the results, in the order of time. */
struct result_event *result_read_trace(const struct result *result, size_t *count);

/* The function's name, or null for a record that is none. */
const char *result_name(const struct result *result, uint32_t record);

#endif
