/*
 * The sum of what all threads, or processors, have collected, and its text (lopi/result.c reads
 * it): a line is a word that says what it is, numbers, and names.
 */
#include "thread.h"

#include <string.h>

struct lopi_totals lopi_totals;

static uint32_t function_count(void)
{
	return __stop_lopi_functions - __start_lopi_functions;
}

size_t lopi_totals_size(void)
{
	return (function_count() + 1) * sizeof(struct lopi_record);
}

void lopi_totals_clear(void)
{
	struct lopi_totals *totals = &lopi_totals;

	memset(totals->records, 0, lopi_totals_size());
	if (totals->arcs.table)
		memset(totals->arcs.table, 0, totals->arcs.size * sizeof(*totals->arcs.table));
	totals->arcs.used = 0;
	totals->threads = 0;
	totals->lost = totals->jumps = 0;
}

static void add_record(struct lopi_record *total, struct lopi_record *record)
{
	total->calls += record->calls;
	total->cycles += record->cycles;
	total->self += record->self;
	total->value += record->value;
	record->calls = record->cycles = record->self = record->value = 0;
}

static void add_arcs(struct lopi_arcs *arcs)
{
	for (uint32_t index = 0; index < arcs->size; index++) {
		struct lopi_arc *arc = &arcs->table[index];

		if (arc->callee)
			lopi_arcs_add(&lopi_totals.arcs, arc->caller, arc->callee, arc->calls,
				      arc->cycles);
		arc->calls = arc->cycles = 0;
	}
}

void lopi_totals_add(struct lopi_thread *thread)
{
	for (uint32_t index = 0; index < function_count(); index++)
		add_record(&lopi_totals.records[index],
			   (struct lopi_record *)(thread->pointer +
						  __start_lopi_functions[index].record));
	add_arcs(&thread->arcs);
	lopi_trace_flush(thread);
	lopi_totals.lost += thread->lost;
	thread->lost = 0;
}

static const char *name_of(uint32_t record)
{
	for (uint32_t index = 0; index < function_count(); index++) {
		if (__start_lopi_functions[index].record == record)
			return __start_lopi_functions[index].name;
	}
	return "-";
}

static void print_function(const struct lopi_function *function, const struct lopi_record *total)
{
	lopi_print("function %u %llu %llu %llu %u %s\n", (unsigned)function->record,
		   (unsigned long long)total->calls, (unsigned long long)total->cycles,
		   (unsigned long long)total->self, (unsigned)total->value, function->name);
}

static void print_arc(const struct lopi_arc *arc)
{
	lopi_print("arc %llu %llu %s %s\n", (unsigned long long)arc->calls,
		   (unsigned long long)arc->cycles, name_of(arc->caller), name_of(arc->callee));
}

void lopi_results_print(void)
{
	const struct lopi_totals *totals = &lopi_totals;

	lopi_print("lopi 1\nthreads %u\njumps %llu\nlost %llu\n", (unsigned)totals->threads,
		   (unsigned long long)totals->jumps, (unsigned long long)totals->lost);
	for (uint32_t index = 0; index < function_count(); index++)
		print_function(&__start_lopi_functions[index], &totals->records[index]);
	for (uint32_t index = 0; index < totals->arcs.size; index++) {
		if (totals->arcs.table[index].callee)
			print_arc(&totals->arcs.table[index]);
	}
}
