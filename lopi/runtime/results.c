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
	for (struct lopi_arcs *arcs = totals->arcs; arcs; arcs = arcs->next) {
		memset(arcs->table, 0, arcs->size * sizeof(arcs->table[0]));
		arcs->used = 0;
	}
	totals->threads = 0;
	totals->lost = totals->jumps = 0;
	totals->traced = 0;
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

		if (arc->pair)
			lopi_arcs_add(&lopi_totals.arcs, arc->pair, arc->calls, arc->cycles);
		arc->calls = arc->cycles = 0;
	}
}

void lopi_totals_add(struct lopi_thread *thread)
{
	for (uint32_t index = 0; index < function_count(); index++)
		add_record(&lopi_totals.records[index],
			   (struct lopi_record *)(thread->pointer +
						  __start_lopi_functions[index].record));
	for (struct lopi_arcs *arcs = thread->arcs; arcs; arcs = arcs->next)
		add_arcs(arcs);
	lopi_trace_flush(thread);
	lopi_totals.lost += thread->lost;
	thread->lost = 0;
}

static const char *name_of(uint32_t record)
{
	for (uint32_t index = 0; index < function_count(); index++) {
		if ((uint32_t)__start_lopi_functions[index].record == record)
			return __start_lopi_functions[index].name;
	}
	return "-";
}

static void print_function(const struct lopi_function *function, const struct lopi_record *total)
{
	lopi_print("function %u %llu %llu %llu %u ", (unsigned)function->record,
		   (unsigned long long)total->calls, (unsigned long long)total->cycles,
		   (unsigned long long)total->self, (unsigned)total->value);
	lopi_print_name(function->name);
	lopi_print("\n");
}

static void print_arc(const struct lopi_arc *arc)
{
	lopi_print("arc %llu %llu ", (unsigned long long)arc->calls,
		   (unsigned long long)arc->cycles);
	lopi_print_name(name_of(arc->pair >> 32));
	lopi_print(" ");
	lopi_print_name(name_of(arc->pair));
	lopi_print("\n");
}

static void print_arcs(const struct lopi_arcs *arcs)
{
	for (uint32_t index = 0; index < arcs->size; index++) {
		if (arcs->table[index].pair)
			print_arc(&arcs->table[index]);
	}
}

void lopi_results_print(void)
{
	const struct lopi_totals *totals = &lopi_totals;

	lopi_print("lopi 1\nthreads %u\njumps %llu\nlost %llu\n", (unsigned)totals->threads,
		   (unsigned long long)totals->jumps, (unsigned long long)totals->lost);
	if (totals->nanoseconds)
		lopi_print("time %llu %llu\n", (unsigned long long)totals->cycles,
			   (unsigned long long)totals->nanoseconds);
	if (totals->traced)
		lopi_print("trace\n");
	for (uint32_t index = 0; index < function_count(); index++)
		print_function(&__start_lopi_functions[index], &totals->records[index]);
	for (const struct lopi_arcs *arcs = totals->arcs; arcs; arcs = arcs->next)
		print_arcs(arcs);
}
