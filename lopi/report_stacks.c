/*
 * Reports of a trace's calling contexts: a line for each, and a picture.
 */
#include "flame.h"
#include "memory.h"
#include "report_formats.h"
#include "stacks.h"

#include <inttypes.h>
#include <stdlib.h>

static struct stack *read_stacks(struct result *result)
{
	size_t count;
	struct result_event *events = result_read_trace(result, &count);

	return stacks_of_trace(result, events, count);
}

static void fold(FILE *file, const struct stack *stack, const char *prefix)
{
	for (const struct stack *one = stack->callees; one; one = one->next) {
		char *path = memory_print("%s%s%s", prefix, *prefix ? ";" : "", one->name);

		if (stack_self(one))
			fprintf(file, "%s %" PRIu64 "\n", path, stack_self(one));
		fold(file, one, path);
		free(path);
	}
}

void report_folded(FILE *file, struct result *result)
{
	fold(file, read_stacks(result), "");
}

void report_svg(FILE *file, struct result *result)
{
	flame_write(file, result, read_stacks(result));
}
