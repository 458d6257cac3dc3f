/*
 * The end of a transaction, by whoever comes to it: its own process, or one that finds it dead.
 * Each step can be done again from its beginning, since the one who does it may die, too.
 */
#include "area.h"

void db_slot_undo(struct area *area, struct slot *slot)
{
	uint32_t used = slot->undo_used;

	while (used) {
		const uint32_t count = slot->undo[used - 1], ref = slot->undo[used - 2];

		used -= count + 2;
		db_words_copy_in((uint32_t *)((char *)area + ref), slot->undo + used, count);
	}
}

/* The log's end moves once: only the holder of its latch can be here, and lets go afterwards. */
static void release_log(struct log *log, const struct slot *slot, uint32_t owner)
{
	if (db_load(&log->latch) != owner)
		return;
	if (slot->state == DB_COMMITTED) {
		log->sequence[0] = slot->sequence[0];
		log->sequence[1] = slot->sequence[1];
		db_store(&log->end, slot->log_end);
	}
	db_store(&log->latch, 0);
}

/* Versions go up even if all was undone: a reader may have seen what was not to be. */
void db_slot_release(struct area *area, struct slot *slot)
{
	const uint32_t owner = slot - area->slots + 1;

	release_log(&area->log, slot, owner);
	for (uint32_t i = 0; i < slot->lock_count; i++) {
		uint32_t *latch = (uint32_t *)((char *)area + slot->locks[i]);
		const uint32_t word = db_load(latch);

		if ((word & DB_OWNER_MASK) == owner)
			db_store(latch, (word & ~DB_OWNER_MASK) + DB_VERSION_STEP);
	}
	db_store(&slot->lock_count, 0);
	db_store(&slot->undo_used, 0);
	db_store(&slot->state, DB_IDLE);
}
