/*
 * The order graph as a matrix: a kernel has few classes of locks, so a row of it is a word.
 */
#include "kernel/debug/lock_graph.h"

#include "kernel/lib/assert.h"
#include "kernel/lock/domain.h"

#define NODES (LOCK_CLASSES_MAX + 1)

static struct lock_class *classes[NODES] UNGUARDED("graph_lock() guards it");
static uint32_t class_count UNGUARDED("graph_lock() guards it");
/* A bit for each class that has been taken after this one. */
static uint32_t edges[NODES] UNGUARDED("written under graph_lock(), a row at once");
/* The same, of edges that would have closed a cycle. */
static uint32_t refused[NODES] UNGUARDED("written under graph_lock(), a row at once");
static struct lock_edge details[NODES][NODES] UNGUARDED("complete before the bit that says so");

/* The graph's own lock, which is taken last of all, interrupts off: it is not checked. */
static uint32_t graph_taken UNGUARDED("the lock itself");

static void graph_lock(void)
{
	while (__atomic_exchange_n(&graph_taken, 1, __ATOMIC_ACQUIRE))
		;
}

static void graph_unlock(void)
{
	__atomic_store_n(&graph_taken, 0, __ATOMIC_RELEASE);
}

static uint32_t bit_of(const struct lock_class *class)
{
	return 1u << class->number;
}

static bool is_known(const struct lock_class *before, const struct lock_class *after)
{
	const uint32_t row = __atomic_load_n(&edges[before->number], __ATOMIC_ACQUIRE);

	return (row | refused[before->number]) & bit_of(after);
}

static void class_number(struct lock_class *class)
{
	if (class->number)
		return;
	assert(class_count < LOCK_CLASSES_MAX);
	classes[++class_count] = class;
	class->number = class_count;
}

static void path_write(struct lock_path *path, const uint8_t from[NODES], uint32_t last)
{
	uint32_t length = 0;

	for (uint32_t node = last; node; node = from[node])
		length++;
	path->length = length;
	for (uint32_t node = last; node; node = from[node])
		path->classes[--length] = classes[node];
}

/*
 * Breadth first. `from` has, for each class that has been reached, the one that it was reached
 * from; the first has none.
 */
static bool path_find(const struct lock_class *first, const struct lock_class *last,
		      struct lock_path *path)
{
	uint8_t from[NODES] = { 0 }, queue[NODES];
	uint32_t reached = bit_of(first), head = 0, tail = 0;

	queue[tail++] = first->number;
	while (head < tail && !(reached & bit_of(last))) {
		const uint32_t node = queue[head++];
		for (uint32_t left = edges[node] & ~reached; left; left &= left - 1) {
			const uint32_t next = __builtin_ctz(left);
			from[next] = node;
			queue[tail++] = next;
		}
		reached |= edges[node];
	}
	if (!(reached & bit_of(last)))
		return false;
	path_write(path, from, last->number);
	return true;
}

/* The details are complete before the bit says that they are there. */
static void edge_write(const struct lock_class *before, const struct lock_class *after,
		       const struct lock_edge *edge)
{
	const uint32_t row = edges[before->number] | bit_of(after);

	details[before->number][after->number] = *edge;
	__atomic_store_n(&edges[before->number], row, __ATOMIC_RELEASE);
}

static bool add_locked(struct lock_class *before, struct lock_class *after,
		       const struct lock_edge *edge, struct lock_path *path)
{
	class_number(before);
	class_number(after);
	if (is_known(before, after))
		return true;
	if (path_find(after, before, path)) {
		refused[before->number] |= bit_of(after);
		return false;
	}
	edge_write(before, after, edge);
	return true;
}

bool lock_graph_add(struct lock_class *before, struct lock_class *after,
		    const struct lock_edge *edge, struct lock_path *path)
{
	bool in_order;

	if (before->number && after->number && is_known(before, after))
		return true;
	graph_lock();
	in_order = add_locked(before, after, edge, path);
	graph_unlock();
	return in_order;
}

const struct lock_edge *lock_graph_edge(const struct lock_class *before,
					const struct lock_class *after)
{
	return &details[before->number][after->number];
}
