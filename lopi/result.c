/*
 * Reading results and traces. The runtime writes them (runtime/linux.c); a line is a word that says
 * what it is, numbers, and names.
 */
#include "result.h"
#include "memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EVENT_SIZE = 16 };

static void read_function(struct result *result, const char *line)
{
	struct result_function function = { 0 };
	unsigned long long calls, cycles, self;
	int name = 0;

	if (sscanf(line, "function %u %llu %llu %llu %u %n", &function.record, &calls, &cycles,
		   &self, &function.value, &name) < 5 ||
	    !name)
		die(STATUS_FAILED, "%s: damaged: %s", result->path, line);
	function.calls = calls;
	function.cycles = cycles;
	function.self = self;
	function.name = memory_print("%s", line + name);
	result->functions =
		memory_grow(result->functions, result->function_count, sizeof(*result->functions));
	result->functions[result->function_count++] = function;
}

static void read_arc(struct result *result, const char *line)
{
	unsigned long long calls, cycles;
	char caller[1024], callee[1024];
	struct result_arc *arc;

	if (sscanf(line, "arc %llu %llu %1023s %1023s", &calls, &cycles, caller, callee) != 4)
		die(STATUS_FAILED, "%s: damaged: %s", result->path, line);
	result->arcs = memory_grow(result->arcs, result->arc_count, sizeof(*result->arcs));
	arc = &result->arcs[result->arc_count++];
	*arc = (struct result_arc){ calls, cycles, memory_print("%s", caller),
				    memory_print("%s", callee) };
}

static void read_line(struct result *result, const char *line)
{
	unsigned long long number;

	if (strncmp(line, "function ", 9) == 0)
		read_function(result, line);
	else if (strncmp(line, "arc ", 4) == 0)
		read_arc(result, line);
	else if (strcmp(line, "trace") == 0)
		result->traced = true;
	else if (sscanf(line, "threads %llu", &number) == 1)
		result->threads = number;
	else if (sscanf(line, "jumps %llu", &number) == 1)
		result->jumps = number;
	else if (sscanf(line, "lost %llu", &number) == 1)
		result->lost = number;
	else
		die(STATUS_FAILED, "%s: damaged: %s", result->path, line);
}

struct result *result_read(const char *path)
{
	struct result *result = memory_new(1, sizeof(*result));
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	ssize_t length;
	bool first = true;

	result->path = path;
	if (!file)
		die(STATUS_FAILED, "%s: %m", path);
	while ((length = getline(&line, &room, file)) > 0) {
		if (line[length - 1] == '\n')
			line[length - 1] = '\0';
		if (first && strcmp(line, "lopi 1") != 0)
			break;
		if (!first)
			read_line(result, line);
		first = false;
	}
	if (first)
		die(STATUS_FAILED, "%s: not the results of an instrumented run", path);
	free(line);
	fclose(file);
	return result;
}

static uint32_t word(const unsigned char *bytes)
{
	return bytes[0] | bytes[1] << 8 | bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

/* Handlers that come while an event is noted have theirs first in the file. */
static int compare_events(const void *one, const void *other)
{
	const struct result_event *a = one, *b = other;

	if (a->time != b->time)
		return a->time < b->time ? -1 : 1;
	return a->order < b->order ? -1 : 1;
}

struct result_event *result_read_trace(const struct result *result, size_t *count)
{
	char *path = memory_print("%s.trace", result->path);
	FILE *file = fopen(path, "re");
	struct result_event *events = NULL;
	unsigned char bytes[EVENT_SIZE];

	if (!result->traced)
		die(STATUS_FAILED, "%s: the run wrote no trace (instrument with --payload trace)",
		    result->path);
	if (!file)
		die(STATUS_FAILED, "%s: %m", path);
	for (*count = 0; fread(bytes, EVENT_SIZE, 1, file) == 1; ++*count) {
		struct result_event *event;

		events = memory_grow(events, *count, sizeof(*events));
		event = &events[*count];
		event->time = word(bytes) | (uint64_t)word(bytes + 4) << 32;
		event->leave = word(bytes + 8) & 1;
		event->record = word(bytes + 8) & ~1u;
		event->thread = word(bytes + 12);
		event->order = *count;
	}
	if (*count == 0 || ferror(file))
		die(STATUS_FAILED, "%s: no trace in it", path);
	fclose(file);
	qsort(events, *count, sizeof(*events), compare_events);
	return events;
}

const char *result_name(const struct result *result, uint32_t record)
{
	for (size_t index = 0; index < result->function_count; index++) {
		if (result->functions[index].record == record)
			return result->functions[index].name;
	}
	return NULL;
}
