/*
 * Callers: what hooks collect beyond a function's record, for each thread without locks, though a
 * handler may come at any instruction and have calls, too. So an entry, once it is there, stays
 * where it is: a table that is full is followed by a bigger one.
 */
#include "thread.h"

enum { FIRST_ARCS = 512 };

LOPI_LOCAL volatile uint32_t lopi_counter;

static uint32_t hash(uint32_t caller, uint32_t callee, uint32_t size)
{
	return (caller * 31 + callee) * 2654435761u >> 7 & (size - 1);
}

/* The entry of the pair, or a free one. Always finds one: a table is hardly more than half full. */
static struct lopi_arc *arc_at(struct lopi_arcs *arcs, uint64_t pair)
{
	uint32_t index = hash(pair >> 32, pair, arcs->size);

	while (arcs->table[index].pair && arcs->table[index].pair != pair)
		index = (index + 1) & (arcs->size - 1);
	return &arcs->table[index];
}

static struct lopi_arcs *new_arcs(uint32_t size)
{
	struct lopi_arcs *arcs = lopi_pages_get(sizeof(*arcs) + size * sizeof(arcs->table[0]));

	if (!arcs)
		LOPI_PROGRAM_WRONG("lopi: no memory for callers\n");
	arcs->size = size;
	return arcs;
}

/* Sets what is still zero, at once. Whether it was this call that did. */
static int take(uint64_t *place, uint64_t value)
{
	return __sync_bool_compare_and_swap(place, 0, value);
}

/* The entry of the pair, which a handler may be looking for at the same time. */
struct lopi_arc *lopi_arcs_find(struct lopi_arcs **link, uint64_t pair)
{
	uint32_t size = FIRST_ARCS;

	for (;;) {
		struct lopi_arcs *arcs = *(struct lopi_arcs *volatile *)link;
		struct lopi_arc *arc;

		if (!arcs) {
			__sync_bool_compare_and_swap(link, NULL, new_arcs(size));
			continue;
		}
		arc = arc_at(arcs, pair);
		if (arc->pair == pair)
			return arc;
		size = 2 * arcs->size;
		if (arcs->used * 2 >= arcs->size)
			link = &arcs->next;
		else if (take(&arc->pair, pair))
			arcs->used++;
	}
}

void lopi_arcs_add(struct lopi_arcs **first, uint64_t pair, uint64_t calls, uint64_t cycles)
{
	struct lopi_arc *arc = lopi_arcs_find(first, pair);

	arc->calls += calls;
	arc->cycles += cycles;
}

void lopi_arc_add(lopi_record *caller, lopi_record *callee, uint64_t cycles)
{
	struct lopi_thread *thread = &lopi_thread;

	lopi_arcs_add(&thread->arcs,
		      (uint64_t)(uint32_t)(uintptr_t)caller << 32 | (uint32_t)(uintptr_t)callee, 1,
		      cycles);
}
