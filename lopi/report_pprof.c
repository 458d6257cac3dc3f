/*
 * The profile of pprof: a message of protocol buffers (github.com/google/pprof,
 * proto/profile.proto), written by hand, since it is four kinds of fields. With a trace, samples
 * are its calling contexts, else functions by themselves.
 */
#include "memory.h"
#include "report_formats.h"
#include "stacks.h"

#include <string.h>

/* Numbers of fields. */
enum {
	PROFILE_SAMPLE_TYPE = 1,
	PROFILE_SAMPLE = 2,
	PROFILE_LOCATION = 4,
	PROFILE_FUNCTION = 5,
	PROFILE_STRING = 6,
	PROFILE_DURATION = 10,
	TYPE_NAME = 1,
	TYPE_UNIT = 2,
	SAMPLE_LOCATION = 1,
	SAMPLE_VALUE = 2,
	LOCATION_ID = 1,
	LOCATION_LINE = 4,
	LINE_FUNCTION = 1,
	FUNCTION_ID = 1,
	FUNCTION_NAME = 2,
	FUNCTION_SYMBOL = 3,
};

/* Kinds of fields. */
enum { WIRE_NUMBER = 0, WIRE_BYTES = 2 };

/* The strings that come first; functions' follow, two each. */
enum {
	STRING_NONE,
	STRING_CALLS,
	STRING_COUNT,
	STRING_TIME,
	STRING_NANOSECONDS,
	STRING_CYCLES,
	STRING_FIRST
};

struct message {
	uint8_t *bytes;
	size_t size;
};

static void put_byte(struct message *message, uint8_t byte)
{
	message->bytes = memory_grow(message->bytes, message->size, 1);
	message->bytes[message->size++] = byte;
}

static void put_varint(struct message *message, uint64_t number)
{
	for (; number >= 0x80; number >>= 7)
		put_byte(message, number | 0x80);
	put_byte(message, number);
}

static void put_number(struct message *message, unsigned field, uint64_t number)
{
	put_varint(message, field << 3 | WIRE_NUMBER);
	put_varint(message, number);
}

static void put_bytes(struct message *message, unsigned field, const void *bytes, size_t size)
{
	put_varint(message, field << 3 | WIRE_BYTES);
	put_varint(message, size);
	for (size_t index = 0; index < size; index++)
		put_byte(message, ((const uint8_t *)bytes)[index]);
}

/* A message within a message; the inner one is empty afterwards. */
static void put_message(struct message *message, unsigned field, struct message *inner)
{
	put_bytes(message, field, inner->bytes, inner->size);
	inner->size = 0;
	inner->bytes = NULL;
}

static void put_type(struct message *profile, unsigned name, unsigned unit)
{
	struct message type = { 0 };

	put_number(&type, TYPE_NAME, name);
	put_number(&type, TYPE_UNIT, unit);
	put_message(profile, PROFILE_SAMPLE_TYPE, &type);
}

/* Locations and functions have the same identifiers, their index and one. */
static void put_functions(struct message *profile, const struct result *result)
{
	for (size_t index = 0; index < result->function_count; index++) {
		struct message part = { 0 }, line = { 0 };

		put_number(&line, LINE_FUNCTION, index + 1);
		put_number(&part, LOCATION_ID, index + 1);
		put_message(&part, LOCATION_LINE, &line);
		put_message(profile, PROFILE_LOCATION, &part);
		put_number(&part, FUNCTION_ID, index + 1);
		put_number(&part, FUNCTION_NAME, STRING_FIRST + 2 * index);
		put_number(&part, FUNCTION_SYMBOL, STRING_FIRST + 2 * index + 1);
		put_message(profile, PROFILE_FUNCTION, &part);
	}
}

static void put_string(struct message *profile, const char *text)
{
	put_bytes(profile, PROFILE_STRING, text, strlen(text));
}

static void put_strings(struct message *profile, const struct result *result)
{
	static const char *const first[] = {
		"", "calls", "count", "time", "nanoseconds", "cycles"
	};

	for (size_t index = 0; index < STRING_FIRST; index++)
		put_string(profile, first[index]);
	for (size_t index = 0; index < result->function_count; index++) {
		put_string(profile, result->functions[index].name);
		put_string(profile, result->functions[index].symbol);
	}
}

/* Ends a sample, whose locations have been put. */
static void put_values(struct message *profile, const struct result *result, struct message *sample,
		       uint64_t calls, uint64_t cycles)
{
	double seconds = result_seconds(result, cycles);

	put_number(sample, SAMPLE_VALUE, calls);
	put_number(sample, SAMPLE_VALUE, seconds > 0 ? (uint64_t)(seconds * 1e9 + 0.5) : cycles);
	put_message(profile, PROFILE_SAMPLE, sample);
}

static void put_stacks(struct message *profile, const struct result *result,
		       const struct stack *stack)
{
	for (const struct stack *one = stack->callees; one; one = one->next) {
		struct message sample = { 0 };

		for (const struct stack *at = one; at->parent; at = at->parent)
			put_number(&sample, SAMPLE_LOCATION, at->function + 1);
		put_values(profile, result, &sample, one->calls, stack_self(one));
		put_stacks(profile, result, one);
	}
}

static void put_flat(struct message *profile, const struct result *result)
{
	for (size_t index = 0; index < result->function_count; index++) {
		const struct result_function *function = &result->functions[index];
		struct message sample = { 0 };

		put_number(&sample, SAMPLE_LOCATION, index + 1);
		if (function->calls)
			put_values(profile, result, &sample, function->calls, function->self);
	}
}

void report_pprof(FILE *file, struct result *result)
{
	struct message profile = { 0 };
	bool timed = result->run_nanoseconds != 0;
	size_t count;

	put_type(&profile, STRING_CALLS, STRING_COUNT);
	put_type(&profile, STRING_TIME, timed ? STRING_NANOSECONDS : STRING_CYCLES);
	if (result_is_traced(result)) {
		struct result_event *events = result_read_trace(result, &count);

		put_stacks(&profile, result, stacks_of_trace(result, events, count));
	} else {
		put_flat(&profile, result);
	}
	put_functions(&profile, result);
	put_strings(&profile, result);
	put_number(&profile, PROFILE_DURATION, result->run_nanoseconds);
	fwrite(profile.bytes, 1, profile.size, file);
}
