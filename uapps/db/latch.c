/*
 * Latches: a word with its holder's slot in the low byte and a version above, which goes up each
 * time a holder lets go. Readers take none: they compare the word before and after (Lamport,
 * Concurrent reading and writing, CACM 1977), and once more when their transaction commits (Kung
 * and Robinson, On optimistic methods for concurrency control, TODS 1981). Writers hold what they
 * change until their transaction ends. A transaction that holds something waits for others a while
 * only, and then gives up: so there is no deadlock.
 */
#include "area.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

/* A latch is held for less, as a rule, if its holder runs. */
#define SPINS 100

/* Rounds of spinning and giving the processor away: until the holder's life is looked into, until a
 * transaction that holds latches gives up, and until one that does not goes to sleep in between. */
#define ROUNDS_ALIVE       8
#define ROUNDS_GIVE_UP     24
#define ROUNDS_SLEEP       64
#define SLEEP_MICROSECONDS 1000

static inline void breathe(void)
{
	__builtin_ia32_pause();
}

static bool spin(const uint32_t *latch, uint32_t word)
{
	for (unsigned i = 0; i < SPINS; i++) {
		if (db_load(latch) != word)
			return true;
		breathe();
	}
	return false;
}

int db_latch_wait(struct db *db, const uint32_t *latch, uint32_t word, bool patient)
{
	for (unsigned round = 1; !spin(latch, word); round++) {
		if (round % ROUNDS_ALIVE == 0)
			db_slot_recover(db->mapping, (word & DB_OWNER_MASK) - 1);
		if (!patient && round == ROUNDS_GIVE_UP)
			return db->error = -EAGAIN;
		if (round < ROUNDS_SLEEP)
			sched_yield();
		else
			usleep(SLEEP_MICROSECONDS);
	}
	return 0;
}

uint32_t db_read_begin(struct db *db, const uint32_t *latch)
{
	uint32_t word = db_load(latch);

	while ((word & DB_OWNER_MASK) && !db_owns(db, word)) {
		if (db_latch_wait(db, latch, word, db->slot->lock_count == 0) != 0)
			break;
		word = db_load(latch);
	}
	return word;
}

static bool reads_grow(struct db *db)
{
	const uint32_t room = db->read_room ? 2 * db->read_room : 64;
	struct read *reads = realloc(db->reads, room * sizeof *reads);

	if (!reads) {
		db->error = -ENOMEM;
		return false;
	}
	db->reads = reads;
	db->read_room = room;
	return true;
}

/* A walk through an index comes to the same leaf again and again. */
static bool is_noted(const struct db *db, uint32_t latch, uint32_t word)
{
	const uint32_t count = db->read_count;

	for (uint32_t i = count < 2 ? 0 : count - 2; i < count; i++)
		if (db->reads[i].latch == latch && db->reads[i].word == word)
			return true;
	return false;
}

void db_read_note(struct db *db, const uint32_t *latch, uint32_t word)
{
	const uint32_t ref = db_ref(db, latch);

	if (db_owns(db, word) || is_noted(db, ref, word))
		return;
	if (db->read_count == db->read_room && !reads_grow(db))
		return;
	db->reads[db->read_count++] = (struct read){ ref, word };
}

/* What was read and then taken by this transaction still has its version. */
bool db_reads_hold(const struct db *db)
{
	for (uint32_t i = 0; i < db->read_count; i++) {
		const uint32_t word = db_load(db_at(db, db->reads[i].latch));

		if (word != db->reads[i].word && word != (db->reads[i].word | db->owner))
			return false;
	}
	return true;
}

bool db_latch_same(struct db *db, uint32_t *latch, uint32_t word)
{
	struct slot *slot = db->slot;
	const uint32_t count = slot->lock_count;

	if (db->error || db_owns(db, word))
		return !db->error;
	if (count == DB_LOCKS) {
		db->error = -E2BIG;
		return false;
	}
	/* First into the list, where a dead slot's latches are looked for. */
	slot->locks[count] = db_ref(db, latch);
	db_store(&slot->lock_count, count + 1);
	if (__atomic_compare_exchange_n(latch, &word, word | db->owner, false, __ATOMIC_SEQ_CST,
					__ATOMIC_RELAXED))
		return true;
	slot->lock_count = count;
	return false;
}

int db_latch(struct db *db, uint32_t *latch)
{
	while (!db->error && !db_latch_same(db, latch, db_read_begin(db, latch)))
		;
	return db->error;
}
