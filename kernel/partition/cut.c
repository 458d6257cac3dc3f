/*
 * The pieces lie in the largest stretch of memory that neither the kernel nor boot modules nor what
 * the loader left is in. They begin and end at multiples of 4 MB, so that a page directory entry
 * is one partition's alone; and the monitor keeps some of the stretch. Below them is the network
 * between them, if there is memory for it.
 */
#include "kernel/partition/cut.h"

#include <stdbool.h>
#include "arch/ia32/paging.h"
#include "boot/boot_info.h"
#include "kernel/debug/symbols.h"

#define PIECE_LEAST   (2 * LARGE_PAGE_SIZE)
#define MONITOR_LEAST LARGE_PAGE_SIZE

extern const char kernel_end[];

/* Calls `visit` with everything that stays where it is. */
static void for_each_taken(void (*visit)(struct boot_region *gap, uint32_t start, uint32_t end),
			   struct boot_region *gap)
{
	uint32_t start, end;

	visit(gap, 0, LOW_MEMORY_END);
	visit(gap, LOW_MEMORY_END, (uint32_t)kernel_end);
	visit(gap, boot_info.start, boot_info.end);
	for (uint32_t i = 0; i < boot_info.module_count; i++)
		visit(gap, boot_info.modules[i].start, boot_info.modules[i].end);
	for (uint32_t i = 0; symbols_memory(i, &start, &end); i++)
		visit(gap, start, end);
}

/* Moves the start of the gap behind what it is in. */
static void skip_taken(struct boot_region *gap, uint32_t start, uint32_t end)
{
	if (gap->start >= start && gap->start < end)
		gap->start = end;
}

/* The gap ends where something begins. */
static void stop_at_taken(struct boot_region *gap, uint32_t start, uint32_t end)
{
	(void)end;
	if (start >= gap->start && start < gap->end)
		gap->end = start;
}

/* The first gap from `start` on in a stretch of memory; an empty one behind the last. */
static struct boot_region gap_after(const struct boot_region *memory, uint32_t start)
{
	struct boot_region gap = { start, memory->end };
	uint32_t before;

	do {
		before = gap.start;
		for_each_taken(skip_taken, &gap);
	} while (gap.start != before);
	if (gap.start >= gap.end)
		return (struct boot_region){ memory->end, memory->end };
	for_each_taken(stop_at_taken, &gap);
	return gap;
}

static struct boot_region largest_gap(uint32_t *in)
{
	struct boot_region largest = { 0, 0 };

	for (uint32_t i = 0; i < boot_info.memory_count; i++) {
		struct boot_region memory = boot_info.memory[i], gap;
		if (memory.end > paging_physical_end())
			memory.end = paging_physical_end();
		for (uint32_t at = memory.start; at < memory.end; at = gap.end) {
			gap = gap_after(&memory, at);
			if (gap.end - gap.start > largest.end - largest.start) {
				largest = gap;
				*in = i;
			}
		}
	}
	return largest;
}

/* Whether it is to be cut for a network, too, which one partition has no use for. */
static bool has_wires(const struct boot_region *gap, uint32_t count)
{
	return count > 1 && (gap->end - gap->start - LARGE_PAGE_SIZE) / PIECE_LEAST >= count;
}

uint32_t partition_cut(struct partition_area *area, uint32_t count)
{
	uint32_t in = 0, size, wires_size;
	struct boot_region gap = largest_gap(&in);

	gap.end &= ~(LARGE_PAGE_SIZE - 1);
	gap.start = (gap.start + MONITOR_LEAST + LARGE_PAGE_SIZE - 1) & ~(LARGE_PAGE_SIZE - 1);
	if (gap.start + PIECE_LEAST > gap.end)
		return 0;
	if (count > (gap.end - gap.start) / PIECE_LEAST)
		count = (gap.end - gap.start) / PIECE_LEAST;
	wires_size = has_wires(&gap, count) ? LARGE_PAGE_SIZE : 0;
	size = (gap.end - gap.start - wires_size) / count & ~(LARGE_PAGE_SIZE - 1);
	for (uint32_t number = count; number >= 1; number--) {
		area->partitions[number].end = gap.end;
		gap.end -= size;
		area->partitions[number].start = gap.end;
	}
	gap.end -= wires_size;
	area->wires = wires_size ? gap.end : 0;
	/* What lies above the pieces is in none, and not this kernel's. */
	boot_info.memory[in].end = gap.end;
	return count;
}
