/*
 * Callers and traces: what hooks collect beyond a function's record, for each thread without locks.
 */
#include "thread.h"

enum { FIRST_ARCS = 512, EVENTS = 4096 };

LOPI_LOCAL volatile uint32_t lopi_counter;

static uint32_t hash(uint32_t caller, uint32_t callee, uint32_t size)
{
	return (caller * 31 + callee) * 2654435761u >> 7 & (size - 1);
}

/* The entry of the pair, or a free one. Always finds one: the table is never more than half full.
 */
static struct lopi_arc *arc_at(struct lopi_arcs *arcs, uint32_t caller, uint32_t callee)
{
	uint32_t index = hash(caller, callee, arcs->size);

	while (arcs->table[index].callee &&
	       (arcs->table[index].callee != callee || arcs->table[index].caller != caller))
		index = (index + 1) & (arcs->size - 1);
	return &arcs->table[index];
}

static void grow(struct lopi_arcs *arcs)
{
	struct lopi_arcs old = *arcs;

	arcs->size = old.size ? 2 * old.size : FIRST_ARCS;
	arcs->table = lopi_pages_get(arcs->size * sizeof(*arcs->table));
	if (!arcs->table)
		LOPI_PROGRAM_WRONG("lopi: no memory for callers\n");
	for (uint32_t index = 0; index < old.size; index++) {
		if (old.table[index].callee)
			*arc_at(arcs, old.table[index].caller, old.table[index].callee) =
				old.table[index];
	}
	if (old.size)
		lopi_pages_put(old.table, old.size * sizeof(*old.table));
}

void lopi_arcs_add(struct lopi_arcs *arcs, uint32_t caller, uint32_t callee, uint64_t calls,
		   uint64_t cycles)
{
	struct lopi_arc *arc;

	if (arcs->used * 2 >= arcs->size)
		grow(arcs);
	arc = arc_at(arcs, caller, callee);
	if (!arc->callee)
		arcs->used++;
	arc->caller = caller;
	arc->callee = callee;
	arc->calls += calls;
	arc->cycles += cycles;
}

void lopi_arc_add(lopi_record *caller, lopi_record *callee, uint64_t cycles)
{
	struct lopi_thread *thread = &lopi_thread;

	lopi_arcs_add(&thread->arcs, (uint32_t)caller, (uint32_t)callee, 1, cycles);
}

void lopi_trace_add(lopi_record *record, uint32_t leave, uint64_t time)
{
	struct lopi_thread *thread = &lopi_thread;
	struct lopi_event *event;

	if (!thread->events)
		thread->events = lopi_pages_get(EVENTS * sizeof(*thread->events));
	if (!thread->events)
		LOPI_PROGRAM_WRONG("lopi: no memory for the trace\n");
	event = &thread->events[thread->event_count++];
	event->time = time;
	event->record = (uint32_t)record | leave;
	event->thread = thread->number;
	if (thread->event_count == EVENTS)
		lopi_trace_flush(thread);
}
