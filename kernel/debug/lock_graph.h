/*
 * The order graph: classes of locks, and an edge from one to another once a lock of the second has
 * been taken while one of the first was held. The graph has no cycles; the edge that would close
 * one is refused, and remembered so that it is refused once.
 *
 * Contract of all functions here: Any context, interrupts off (the graph has its own lock).
 */
#ifndef KERNEL_DEBUG_LOCK_GRAPH_H
#define KERNEL_DEBUG_LOCK_GRAPH_H

#include "kernel/debug/lock_order.h"

#define LOCK_CLASSES_MAX 31 /* and number 0, which is none */

/* Who took both locks first: where it had taken the one, and where it took the other. */
struct lock_edge {
	struct lock_trace before, after;
};

/* A way through the graph. */
struct lock_path {
	uint32_t length; /* classes on it */
	const struct lock_class *classes[LOCK_CLASSES_MAX];
};

/*
 * A lock of class `after` is taken while one of class `before` is held. True if that is in order,
 * and the graph has the edge from now on; or if it has been refused before. False if it contradicts
 * what the graph has: *path leads from `after` to `before` by the fewest edges.
 */
bool lock_graph_add(struct lock_class *before, struct lock_class *after,
		    const struct lock_edge *edge, struct lock_path *path);

/* An edge of a path. */
const struct lock_edge *lock_graph_edge(const struct lock_class *before,
					const struct lock_class *after);

#endif
