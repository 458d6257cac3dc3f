/*
 * Which events the command line chooses.
 */
#include <stddef.h>
#include "kernel/debug/trace.h"
#include "kernel/lib/string.h"
#include "kernel/lock/domain.h"

uint32_t trace_groups UNGUARDED("set at boot; off when the others have stopped");

static const char *const group_names[] = {
#define TRACE_GROUP(number, name) [number] = #name,
#include <castle/trace_events.h>
};

#define GROUP_COUNT (sizeof group_names / sizeof *group_names)

const char trace_valid[] = "all, off, or with commas between them:"
#define TRACE_GROUP(number, name) " " #name
#include <castle/trace_events.h>
	;

/* The bit of the group called as `value` begins, up to a comma or the end; 0: there is none. */
static uint32_t group_named(const char *value, size_t length)
{
	for (uint32_t i = 0; i < GROUP_COUNT; i++)
		if (strlen(group_names[i]) == length && strncmp(value, group_names[i], length) == 0)
			return 1u << i;
	return 0;
}

static size_t word_length(const char *value)
{
	size_t length = 0;

	while (value[length] && value[length] != ',')
		length++;
	return length;
}

bool trace_choose(const char *value)
{
	trace_groups = strcmp(value, "all") == 0 ? (1u << GROUP_COUNT) - 1 : 0;
	if (trace_groups || strcmp(value, "off") == 0)
		return true;
	for (;;) {
		const size_t length = word_length(value);
		const uint32_t group = group_named(value, length);
		if (!group)
			return false;
		trace_groups |= group;
		if (value[length] == '\0')
			return true;
		value += length + 1;
	}
}
