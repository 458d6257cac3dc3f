/*
 * Reading results and traces. The runtime writes them (runtime/results.c); a line is a word that
 * says what it is, numbers, and names.
 */
#include "result.h"
#include "demangle.h"
#include "memory.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EVENT_SIZE = 16, MOST_THREADS = 1000000 };

static struct result_source *last_source(const struct result *result)
{
	return &result->sources[result->source_count - 1];
}

/* What is known by a name: how many functions of it, or, with a number, which function. */
struct named {
	const char *symbol;
	unsigned which;
	size_t number;
};

static int compare_named(const void *one, const void *other)
{
	const struct named *a = one, *b = other;
	int order = strcmp(a->symbol, b->symbol);

	return order ? order : (a->which > b->which) - (a->which < b->which);
}

/* The entry of that name, `*made` if there was none. */
static struct named *find_named(void **tree, const char *symbol, unsigned which, bool *made)
{
	struct named *new = memory_new(1, sizeof(*new)), **found;

	*new = (struct named){ symbol, which, 0 };
	found = tsearch(new, tree, compare_named);
	if (!found)
		die(STATUS_FAILED, "out of memory");
	*made = *found == new;
	if (!*made)
		free(new);
	return *found;
}

/* Functions of one name in one file are different ones; in another process they come again. */
static size_t find_function(struct result *result, struct result_source *source, const char *line)
{
	const char *symbol = memory_print("%s", line);
	struct named *known;
	unsigned which;
	bool made;

	which = find_named(&source->names, symbol, 0, &made)->number++;
	known = find_named(&result->names, symbol, which, &made);
	if (!made)
		return known->number;
	known->number = result->function_count;
	result->functions =
		memory_grow(result->functions, result->function_count, sizeof(*result->functions));
	result->functions[known->number].symbol = symbol;
	result->functions[known->number].name = demangle(symbol);
	return result->function_count++;
}

static void read_function(struct result *result, const char *line)
{
	struct result_source *source = last_source(result);
	unsigned long long calls, cycles, self;
	struct result_function *function;
	struct result_record record;
	unsigned value;
	int name = 0;

	if (sscanf(line, "function %u %llu %llu %llu %u %n", &record.record, &calls, &cycles, &self,
		   &value, &name) < 5 ||
	    !name)
		die(STATUS_FAILED, "%s: damaged: %s", source->path, line);
	record.function = find_function(result, source, line + name);
	function = &result->functions[record.function];
	function->calls += calls;
	function->cycles += cycles;
	function->self += self;
	function->value += value;
	source->records =
		memory_grow(source->records, source->record_count, sizeof(*source->records));
	source->records[source->record_count++] = record;
}

static void read_arc(struct result *result, const char *line)
{
	unsigned long long calls, cycles;
	char *caller = NULL, *callee = NULL;

	if (sscanf(line, "arc %llu %llu %ms %ms", &calls, &cycles, &caller, &callee) != 4)
		die(STATUS_FAILED, "%s: damaged: %s", last_source(result)->path, line);
	result->arcs = memory_grow(result->arcs, result->arc_count, sizeof(*result->arcs));
	result->arcs[result->arc_count++] = (struct result_arc){ calls, cycles, caller, callee };
}

static bool read_number(struct result *result, const char *line)
{
	unsigned long long number, other;

	if (sscanf(line, "threads %llu", &number) == 1)
		result->threads += number;
	else if (sscanf(line, "jumps %llu", &number) == 1)
		result->jumps += number;
	else if (sscanf(line, "lost %llu", &number) == 1)
		result->lost += number;
	else if (sscanf(line, "time %llu %llu", &number, &other) == 2)
		result->run_cycles += number, result->run_nanoseconds += other;
	else
		return false;
	return true;
}

static void read_line(struct result *result, const char *line)
{
	if (strncmp(line, "function ", 9) == 0)
		read_function(result, line);
	else if (strncmp(line, "arc ", 4) == 0)
		read_arc(result, line);
	else if (strcmp(line, "trace") == 0)
		last_source(result)->traced = true;
	else if (!read_number(result, line))
		die(STATUS_FAILED, "%s: damaged: %s", last_source(result)->path, line);
}

static int compare_records(const void *one, const void *other)
{
	const struct result_record *a = one, *b = other;

	return (a->record > b->record) - (a->record < b->record);
}

static void add_file(struct result *result, const char *path)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	ssize_t length;
	bool first = true;

	if (!file)
		die(STATUS_FAILED, "%s: %m", path);
	result->sources =
		memory_grow(result->sources, result->source_count, sizeof(*result->sources));
	result->sources[result->source_count++].path = path;
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
	if (last_source(result)->record_count)
		qsort(last_source(result)->records, last_source(result)->record_count,
		      sizeof(struct result_record), compare_records);
}

static int compare_pairs(const void *one, const void *other)
{
	const struct result_arc *a = one, *b = other;
	int order = strcmp(a->callee, b->callee);

	return order ? order : strcmp(a->caller, b->caller);
}

void result_merge_arcs(struct result *result)
{
	size_t kept = 0;

	if (result->arc_count)
		qsort(result->arcs, result->arc_count, sizeof(*result->arcs), compare_pairs);
	for (size_t index = 0; index < result->arc_count; index++) {
		const struct result_arc *arc = &result->arcs[index];

		if (kept && compare_pairs(&result->arcs[kept - 1], arc) == 0) {
			result->arcs[kept - 1].calls += arc->calls;
			result->arcs[kept - 1].cycles += arc->cycles;
		} else {
			result->arcs[kept++] = *arc;
		}
	}
	result->arc_count = kept;
}

struct result *result_read(char *const *paths, int count)
{
	struct result *result = memory_new(1, sizeof(*result));

	for (int index = 0; index < count; index++)
		add_file(result, paths[index]);
	result_merge_arcs(result);
	return result;
}

double result_seconds(const struct result *result, uint64_t cycles)
{
	if (!result->run_cycles)
		return 0;
	return (double)cycles * result->run_nanoseconds / result->run_cycles / 1e9;
}

/* --- traces --- */

struct events {
	struct result_event *events;
	size_t count;
	uint32_t first_thread; /* what is added to the numbers of threads */
	uint32_t last_thread;
};

static uint32_t word(const unsigned char *bytes)
{
	return bytes[0] | bytes[1] << 8 | bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static void add_event(struct events *events, const struct result *result, uint32_t source,
		      const unsigned char *bytes)
{
	struct result_record wanted = { .record = word(bytes + 8) & ~1u }, *found = NULL;
	uint32_t thread = word(bytes + 12);
	struct result_event *event;

	if (result->sources[source].record_count)
		found = bsearch(&wanted, result->sources[source].records,
				result->sources[source].record_count, sizeof(wanted),
				compare_records);
	if (!found || thread > MOST_THREADS)
		die(STATUS_FAILED, "%s.trace: damaged, or of another run",
		    result->sources[source].path);
	events->events = memory_grow(events->events, events->count, sizeof(*events->events));
	event = &events->events[events->count];
	event->time = word(bytes) | (uint64_t)word(bytes + 4) << 32;
	event->leave = word(bytes + 8) & 1;
	event->function = found->function;
	event->thread = events->first_thread + thread;
	event->source = source;
	event->order = events->count++;
	if (event->thread > events->last_thread)
		events->last_thread = event->thread;
}

static void add_trace(struct events *events, const struct result *result, uint32_t source)
{
	char *path = memory_print("%s.trace", result->sources[source].path);
	size_t before = events->count;
	unsigned char bytes[EVENT_SIZE];
	FILE *file = fopen(path, "re");

	if (!file)
		die(STATUS_FAILED, "%s: %m", path);
	events->first_thread = events->last_thread;
	while (fread(bytes, EVENT_SIZE, 1, file) == 1)
		add_event(events, result, source, bytes);
	if (events->count == before || ferror(file))
		die(STATUS_FAILED, "%s: no trace in it", path);
	fclose(file);
}

/* Handlers that come while an event is noted have theirs first in the file. */
static int compare_events(const void *one, const void *other)
{
	const struct result_event *a = one, *b = other;

	if (a->time != b->time)
		return a->time < b->time ? -1 : 1;
	return a->order < b->order ? -1 : 1;
}

bool result_is_traced(const struct result *result)
{
	for (size_t index = 0; index < result->source_count; index++) {
		if (result->sources[index].traced)
			return true;
	}
	return false;
}

struct result_event *result_read_trace(const struct result *result, size_t *count)
{
	struct events events = { 0 };

	if (!result_is_traced(result))
		die(STATUS_FAILED, "%s: the run wrote no trace (instrument with --payload trace)",
		    result->sources[0].path);
	for (uint32_t source = 0; source < result->source_count; source++) {
		if (result->sources[source].traced)
			add_trace(&events, result, source);
	}
	qsort(events.events, events.count, sizeof(*events.events), compare_events);
	*count = events.count;
	return events.events;
}

/* --- writing --- */

static void put_word(unsigned char *bytes, uint32_t value)
{
	for (int index = 0; index < 4; index++)
		bytes[index] = value >> 8 * index;
}

static void write_trace(const struct result *result, const char *path)
{
	FILE *file = fopen(path, "we");
	size_t count;
	struct result_event *events = result_read_trace(result, &count);

	for (size_t index = 0; file && index < count; index++) {
		unsigned char bytes[EVENT_SIZE];

		put_word(bytes, events[index].time);
		put_word(bytes + 4, events[index].time >> 32);
		put_word(bytes + 8, (events[index].function + 1) * 2 + events[index].leave);
		put_word(bytes + 12, events[index].thread);
		fwrite(bytes, sizeof(bytes), 1, file);
	}
	if (!file || fclose(file) != 0)
		die(STATUS_FAILED, "%s: %m", path);
}

void result_write(const struct result *result, const char *path)
{
	bool traced = result_is_traced(result);
	FILE *file = fopen(path, "we");

	if (!file)
		die(STATUS_FAILED, "%s: %m", path);
	fprintf(file, "lopi 1\nthreads %u\njumps %llu\nlost %llu\ntime %llu %llu\n%s",
		result->threads, (unsigned long long)result->jumps,
		(unsigned long long)result->lost, (unsigned long long)result->run_cycles,
		(unsigned long long)result->run_nanoseconds, traced ? "trace\n" : "");
	for (size_t index = 0; index < result->function_count; index++) {
		const struct result_function *function = &result->functions[index];

		fprintf(file, "function %zu %llu %llu %llu %u %s\n", (index + 1) * 2,
			(unsigned long long)function->calls, (unsigned long long)function->cycles,
			(unsigned long long)function->self, function->value, function->symbol);
	}
	for (size_t index = 0; index < result->arc_count; index++)
		fprintf(file, "arc %llu %llu %s %s\n",
			(unsigned long long)result->arcs[index].calls,
			(unsigned long long)result->arcs[index].cycles, result->arcs[index].caller,
			result->arcs[index].callee);
	if (fclose(file) != 0)
		die(STATUS_FAILED, "%s: %m", path);
	if (traced)
		write_trace(result, memory_print("%s.trace", path));
}
