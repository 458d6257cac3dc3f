/*
 * Writing in place, with the old words remembered first. Only memory that the transaction has
 * latched is written, or that nobody else can reach yet.
 */
#include "area.h"

#include <errno.h>

/* An entry of the list is the old words, their ref, and their number: it is read from its end. */
bool db_save_words(struct db *db, const uint32_t *words, uint32_t count)
{
	struct slot *slot = db->slot;
	const uint32_t used = slot->undo_used;
	uint32_t *entry = slot->undo + used;

	if (db->error)
		return false;
	if (used + count + 2 > DB_UNDO_WORDS) {
		db->error = -E2BIG;
		return false;
	}
	for (uint32_t i = 0; i < count; i++)
		entry[i] = words[i];
	entry[count] = db_ref(db, words);
	entry[count + 1] = count;
	db_store(&slot->undo_used, used + count + 2);
	return true;
}

void db_write(struct db *db, uint32_t *word, uint32_t value)
{
	if (db_save_words(db, word, 1))
		db_store(word, value);
}
