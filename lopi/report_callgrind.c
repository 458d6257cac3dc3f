/*
 * The format of callgrind's profiles, which KCachegrind shows and callgrind_annotate prints
 * (Valgrind's manual, "Callgrind Format Specification"). Nothing is known of lines: all costs are
 * of line 0. Without cycles, the cost of a function is how often it was called.
 */
#include "demangle.h"
#include "report_formats.h"

#include <inttypes.h>
#include <string.h>

/* Of a recursive function, callgrind's readers expect what it costs from outside, too. */
static void print_callees(FILE *file, const struct result *result, const char *caller)
{
	for (size_t index = 0; index < result->arc_count; index++) {
		const struct result_arc *arc = &result->arcs[index];

		if (arc->calls && strcmp(arc->caller, caller) == 0)
			fprintf(file, "cfn=%s\ncalls=%" PRIu64 " 0\n0 %" PRIu64 "\n",
				demangle(arc->callee), arc->calls, arc->cycles);
	}
}

/* Arcs know names alone, so functions of one name have their callees with the first of them. */
static bool is_first_of_name(const struct result *result, size_t index)
{
	for (size_t before = 0; before < index; before++) {
		if (strcmp(result->functions[before].symbol, result->functions[index].symbol) == 0)
			return false;
	}
	return true;
}

void report_callgrind(FILE *file, struct result *result)
{
	uint64_t cycles = 0, total = 0;

	for (size_t index = 0; index < result->function_count; index++)
		cycles += result->functions[index].self;
	fprintf(file,
		"# callgrind format\nversion: 1\ncreator: lopi\npositions: line\nevents: %s\n\n",
		cycles ? "Cycles" : "Calls");
	for (size_t index = 0; index < result->function_count; index++) {
		const struct result_function *function = &result->functions[index];
		uint64_t cost = cycles ? function->self : function->calls;

		if (function->calls == 0)
			continue;
		total += cost;
		fprintf(file, "fl=???\nfn=%s\n0 %" PRIu64 "\n", function->name, cost);
		if (is_first_of_name(result, index))
			print_callees(file, result, function->symbol);
		fputc('\n', file);
	}
	fprintf(file, "totals: %" PRIu64 "\n", total);
}
