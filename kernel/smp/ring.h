/*
 * A bounded queue that any processor may append to and take from at any time, without a lock
 * (Shann, Huang and Chen, A Practical Nonblocking Queue Algorithm Using Compare-and-Swap, ICPADS
 * 2000; with the corrections of Colvin and Groves, Formal Verification of an Array-Based
 * Nonblocking Queue, ICECCS 2005). A slot is filled and emptied by a compare-and-swap of the word
 * in it and a count of its changes; front and rear move after that, by whoever comes first, so that
 * nobody waits for a processor that has stopped in between.
 *
 * Contract of all functions here: Any context.
 */
#ifndef KERNEL_SMP_RING_H
#define KERNEL_SMP_RING_H

#include "kernel/smp/counted.h"

/* Fewer in tests. */
#ifndef RING_SLOTS
#define RING_SLOTS 64u
#endif

/* All zero: empty. */
struct ring {
	uint32_t front __attribute__((aligned(64))); /* where the oldest is; counts up for ever */
	uint32_t rear;                   /* where the next one comes; at most RING_SLOTS further */
	union counted slots[RING_SLOTS]; /* word: 0 is none */
};

/* What was found at the front: for ring_take(). */
struct ring_place {
	uint32_t at;
	union counted slot;
};

static inline uint32_t ring_read(const uint32_t *end)
{
	return __atomic_load_n(end, __ATOMIC_ACQUIRE);
}

/* Moves front or rear on from `at`, unless another processor has done so. */
static inline void ring_move_on(uint32_t *end, uint32_t at)
{
	__atomic_compare_exchange_n(end, &at, at + 1, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

/* At this moment. */
static inline bool ring_is_empty(const struct ring *ring)
{
	return ring_read(&ring->front) == ring_read(&ring->rear);
}

/* At some moment during the call, or a little more. */
static inline uint32_t ring_count(const struct ring *ring)
{
	const uint32_t front = ring_read(&ring->front);

	return ring_read(&ring->rear) - front;
}

/* At this moment. */
static inline bool ring_is_full(const struct ring *ring)
{
	return ring_read(&ring->rear) - ring_read(&ring->front) >= RING_SLOTS;
}

/*
 * Appends `word`, which is not 0; false if the ring is full. A slot that was read once the front
 * was is empty, or filled by who appends now; what was in it a turn before has been taken.
 */
static inline bool ring_append(struct ring *ring, uint32_t word)
{
	for (;;) {
		const uint32_t at = ring_read(&ring->rear);
		const bool full = at - ring_read(&ring->front) >= RING_SLOTS;
		union counted *const slot = &ring->slots[at % RING_SLOTS];
		const union counted found = counted_read(slot);
		bool filled;

		if (at != ring_read(&ring->rear))
			continue;
		if (full)
			return false;
		filled = !found.word &&
			 counted_change(slot, found, (union counted){ { word, found.count + 1 } });
		if (filled || found.word)
			ring_move_on(&ring->rear, at);
		if (filled)
			return true;
	}
}

/*
 * The oldest word, and where it is; false if there is none. A slot that was read once the rear was
 * beyond it has been filled: if it is empty, what was in it has been taken.
 */
static inline bool ring_look(struct ring *ring, struct ring_place *place)
{
	for (;;) {
		bool empty;

		place->at = ring_read(&ring->front);
		empty = place->at == ring_read(&ring->rear);
		place->slot = counted_read(&ring->slots[place->at % RING_SLOTS]);
		if (place->at != ring_read(&ring->front))
			continue;
		if (empty)
			return false;
		if (place->slot.word)
			return true;
		ring_move_on(&ring->front, place->at);
	}
}

/* Takes what ring_look() has found; false if another processor was first. */
static inline bool ring_take(struct ring *ring, const struct ring_place *place)
{
	const bool taken = counted_change(&ring->slots[place->at % RING_SLOTS], place->slot,
					  (union counted){ { 0, place->slot.count + 1 } });

	if (taken)
		ring_move_on(&ring->front, place->at);
	return taken;
}

#endif
