/*
 * The network between partitions: for each pair of them a ring of Ethernet frames in each
 * direction, with one writer and one reader, so that neither needs a lock. They lie in 4 MB of
 * memory of their own, which every partition can write to. A ring that is full loses frames, as a
 * switch does.
 */
#ifndef KERNEL_PARTITION_WIRE_H
#define KERNEL_PARTITION_WIRE_H

#include <castle/net.h>
#include <stdint.h>
#include "arch/ia32/paging.h"
#include "kernel/partition/area.h"

#define WIRE_FRAMES 32u /* a power of two */

struct partition_frame {
	uint32_t length;
	uint8_t bytes[CASTLE_FRAME_MAX];
} __attribute__((aligned(CACHE_LINE)));

/* From one partition to another: the one adds at the tail, the other takes from the head. */
struct partition_wire {
	volatile uint32_t tail __attribute__((aligned(CACHE_LINE)));
	volatile uint32_t head __attribute__((aligned(CACHE_LINE)));
	struct partition_frame frames[WIRE_FRAMES];
};

struct partition_wires {
	struct partition_wire to[PARTITIONS_MAX]
				[PARTITIONS_MAX]; /* by receiver and sender, from 0 */
};

_Static_assert(sizeof(struct partition_wires) <= LARGE_PAGE_SIZE, "one page directory entry");

/* What the partition `from` sends to partition `to`. Any context. */
static inline struct partition_wire *partition_wire(const struct partition_area *area, uint32_t to,
						    uint32_t from)
{
	return &((struct partition_wires *)area->wires)->to[to - 1][from - 1];
}

/* Frames that have come to a partition are lost. On its processor. Any context. */
static inline void partition_wires_empty(const struct partition_area *area, uint32_t to)
{
	for (uint32_t from = 1; from <= area->count; from++) {
		struct partition_wire *wire = partition_wire(area, to, from);
		__atomic_store_n(&wire->head, wire->tail, __ATOMIC_SEQ_CST);
	}
}

#endif
