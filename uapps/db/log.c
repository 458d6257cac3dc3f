/*
 * The log: a ring of the last transactions, in an order in which each stands behind those that it
 * depends on, since its latches are held while it gets its place. Whoever reads it goes at its own
 * pace, and finds out if it was too slow.
 */
#include "area.h"

#include <errno.h>

#define RING_WORDS (DB_LOG_BYTES / 4)

static uint32_t *ring_word(struct log *log, uint32_t position)
{
	return &log->ring[position / 4 % RING_WORDS];
}

static uint32_t ring_copy_in(struct log *log, uint32_t position, const void *from, uint32_t size)
{
	const db_word *words = from;

	for (uint32_t i = 0; i < size / 4; i++)
		db_store(ring_word(log, position + 4 * i), words[i]);
	return position + size;
}

static void ring_copy_out(const struct log *log, uint32_t position, void *to, uint32_t size)
{
	db_word *words = to;

	for (uint32_t i = 0; i < size / 4; i++)
		words[i] = db_load(ring_word((struct log *)log, position + 4 * i));
}

static uint32_t data_size(const struct area_type *type, const struct change *change)
{
	return change->kind == DB_PUT ? type->size : 4u * type->key_words;
}

static uint32_t record_size(const struct db *db)
{
	uint32_t size = sizeof(struct db_record);

	for (uint32_t i = 0; i < db->change_count; i++)
		size += sizeof(struct db_change) +
			data_size(&db->area->types[db->changes[i].type], &db->changes[i]);
	return size;
}

/* Nobody waits for anything else with the log's latch held, so there is patience for it. */
static void log_latch(struct db *db, struct log *log)
{
	uint32_t word = 0;

	while (!__atomic_compare_exchange_n(&log->latch, &word, db->owner, false, __ATOMIC_SEQ_CST,
					    __ATOMIC_RELAXED)) {
		db_latch_wait(db, &log->latch, word, true);
		word = 0;
	}
}

static void write_record(struct db *db, struct log *log, const struct db_record *record)
{
	uint32_t position = log->end;

	db_store(&log->reserved, position + record->size);
	position = ring_copy_in(log, position, record, sizeof *record);
	for (uint32_t i = 0; i < db->change_count; i++) {
		const struct change *from = &db->changes[i];
		const struct area_type *type = &db->area->types[from->type];
		const struct db_change change = { from->type, from->kind, data_size(type, from) };

		position = ring_copy_in(log, position, &change, sizeof change);
		position =
			ring_copy_in(log, position, db_at(db, from->ref + type->data), change.size);
	}
	db->slot->log_end = position;
}

/* One more than the last one. */
static void next_sequence(const struct log *log, uint32_t *sequence)
{
	sequence[0] = log->sequence[0] + 1;
	sequence[1] = log->sequence[1] + !sequence[0];
}

static bool is_higher(const uint32_t *one, const uint32_t *other)
{
	return one[1] != other[1] ? one[1] > other[1] : one[0] > other[0];
}

static void set_versions(struct db *db, const uint32_t *sequence)
{
	for (uint32_t i = 0; i < db->change_count; i++)
		if (db->changes[i].kind == DB_PUT) {
			db_store(&db_object(db, db->changes[i].ref)->version[0], sequence[0]);
			db_store(&db_object(db, db->changes[i].ref)->version[1], sequence[1]);
		}
}

/* What comes from elsewhere has its version, which ours are to be above from now on. */
static void commit_quietly(struct db *db, struct log *log)
{
	const uint32_t *sequence =
		is_higher(db->forced, log->sequence) ? db->forced : log->sequence;

	db->slot->log_end = log->end;
	memcpy(db->slot->sequence, sequence, sizeof db->slot->sequence);
	set_versions(db, db->forced);
}

int db_log_commit(struct db *db)
{
	struct db_record record = { .size = record_size(db), .count = db->change_count };
	struct log *log = &db->area->log;

	if (record.size > DB_RECORD_MAX)
		return db->error = -E2BIG;
	log_latch(db, log);
	if (db->quiet) {
		commit_quietly(db, log);
	} else {
		next_sequence(log, record.sequence);
		memcpy(db->slot->sequence, record.sequence, sizeof record.sequence);
		set_versions(db, record.sequence);
		write_record(db, log, &record);
	}
	memcpy(db->last, db->slot->sequence, sizeof db->last);
	/* From here on it has happened. */
	db_store(&db->slot->state, DB_COMMITTED);
	return 0;
}

uint32_t db_log_end(const struct db *db)
{
	return db_load(&db->area->log.end);
}

uint64_t db_last_sequence(const struct db *db)
{
	return db->last[1] * 0x100000000ull | db->last[0];
}

/* Whether all from the position on is still there, or was when the copy was made. */
static bool is_kept(const struct log *log, uint32_t position)
{
	return db_load(&log->reserved) - position <= DB_LOG_BYTES;
}

int db_log_read(const struct db *db, uint32_t *position, struct db_record *record, size_t room)
{
	const struct log *log = &db->area->log;
	const uint32_t start = *position;
	uint32_t size;

	if (db_load(&log->end) == start)
		return 0;
	size = db_load(ring_word((struct log *)log, start));
	if (!is_kept(log, start))
		return -EOVERFLOW;
	if (size > room)
		return -EMSGSIZE;
	ring_copy_out(log, start, record, size);
	if (!is_kept(log, start))
		return -EOVERFLOW;
	*position = start + size;
	return size;
}
