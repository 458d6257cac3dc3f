/*
 * Transactions: two-phase locking for what is written, validation for what is read. Serialisable:
 * when all latches are held, and before any goes, what was read is looked at once more; that moment
 * is the transaction's place in the order. Two transactions that each read what the other one
 * writes cannot both find that as it was.
 */
#include "area.h"

#include <errno.h>
#include <sched.h>
#include <unistd.h>

/* Tries that give the processor away; from then on those that sleep. */
#define TRIES_AWAKE 20

int db_begin(struct db *db)
{
	if (db->slot->state != DB_IDLE)
		return -EINVAL;
	db->error = 0;
	db->read_count = db->change_count = db->free_count = 0;
	db_store(&db->slot->state, DB_ACTIVE);
	return 0;
}

void db_abort(struct db *db)
{
	struct slot *slot = db->slot;

	if (slot->state != DB_ACTIVE)
		return;
	db_slot_undo(db->area, slot);
	db_store(&slot->state, DB_UNDONE);
	db_slot_release(db->area, slot);
}

static int try_commit(struct db *db)
{
	struct slot *slot = db->slot;

	if (slot->lock_count)
		db_pieces_give_back(db);
	if (!db->error && !db_reads_hold(db))
		db->error = -EAGAIN;
	if (db->error)
		return db->error;
	if (db->change_count)
		return db_log_commit(db);
	db_store(&slot->state, DB_COMMITTED);
	return 0;
}

int db_commit(struct db *db)
{
	int error;

	if (db->slot->state != DB_ACTIVE)
		return -EINVAL;
	error = try_commit(db);
	if (error)
		db_abort(db);
	else
		db_slot_release(db->area, db->slot);
	return error;
}

/* Not all of those that met each other come back at the same moment. */
static void back_off(struct db *db, unsigned tries)
{
	db->backoff = db->backoff * 1664525u + 1013904223u + db->owner;
	for (unsigned i = db->backoff >> 24; i > 0; i--)
		__builtin_ia32_pause();
	if (tries < TRIES_AWAKE)
		sched_yield();
	else
		usleep(1000);
}

int db_run(struct db *db, int (*body)(struct db *db, void *argument), void *argument)
{
	for (unsigned tries = 0;; tries++) {
		int result = db_begin(db), error = 0;

		if (result < 0)
			return result;
		result = body(db, argument);
		if (result >= 0)
			error = db_commit(db);
		else
			db_abort(db);
		if (error != -EAGAIN && result != -EAGAIN)
			return error ? error : result;
		back_off(db, tries);
	}
}
