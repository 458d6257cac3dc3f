/*
 * The sum of what all threads, or processors, have collected, and its text (lopi/result.c reads
 * it): a line is a word that says what it is, numbers, and names.
 */
#include "thread.h"

#include <string.h>

struct lopi_totals lopi_totals;

/* What the runtime itself is part of; a runtime that is shared has no functions. */
static struct lopi_module own = { .start = __start_lopi_functions, .stop = __stop_lopi_functions };

static uint32_t function_count(const struct lopi_module *module)
{
	return module->stop - module->start;
}

size_t lopi_module_size(const struct lopi_module *module)
{
	return (function_count(module) + 1) * sizeof(struct lopi_record);
}

size_t lopi_totals_size(void)
{
	return lopi_module_size(&own);
}

void lopi_module_link(struct lopi_module *module)
{
	module->next = own.next;
	own.next = module;
}

static struct lopi_record *records_of(const struct lopi_module *module)
{
	return module == &own ? lopi_totals.records : module->records;
}

void lopi_totals_clear(void)
{
	struct lopi_totals *totals = &lopi_totals;

	for (const struct lopi_module *module = &own; module; module = module->next)
		memset(records_of(module), 0, lopi_module_size(module));
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

static intptr_t distance_of(const struct lopi_module *module, uint32_t index)
{
	return module->start[index].record + module->distance;
}

static void add_module(const struct lopi_module *module, char *thread_pointer)
{
	for (uint32_t index = 0; index < function_count(module); index++)
		add_record(&records_of(module)[index],
			   (struct lopi_record *)(thread_pointer + distance_of(module, index)));
}

void lopi_totals_add(struct lopi_thread *thread)
{
	for (const struct lopi_module *module = &own; module; module = module->next)
		add_module(module, thread->pointer);
	for (struct lopi_arcs *arcs = thread->arcs; arcs; arcs = arcs->next)
		add_arcs(arcs);
	lopi_trace_flush(thread);
	lopi_totals.lost += thread->lost;
	thread->lost = 0;
}

static const char *name_of(uint32_t record)
{
	for (const struct lopi_module *module = &own; module; module = module->next) {
		for (uint32_t index = 0; index < function_count(module); index++) {
			if ((uint32_t)distance_of(module, index) == record)
				return module->start[index].name;
		}
	}
	return "-";
}

static void print_function(const struct lopi_module *module, uint32_t index)
{
	const struct lopi_record *total = &records_of(module)[index];

	lopi_print("function %u %llu %llu %llu %u ", (unsigned)distance_of(module, index),
		   (unsigned long long)total->calls, (unsigned long long)total->cycles,
		   (unsigned long long)total->self, (unsigned)total->value);
	lopi_print_name(module->start[index].name);
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
	for (const struct lopi_module *module = &own; module; module = module->next) {
		for (uint32_t index = 0; index < function_count(module); index++)
			print_function(module, index);
	}
	for (const struct lopi_arcs *arcs = totals->arcs; arcs; arcs = arcs->next)
		print_arcs(arcs);
}
