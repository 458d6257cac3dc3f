/*
 * What goes from one node's memory to another's, or to a file and back: partitions, walking through
 * all objects, and doing what a record says.
 */
#include "area.h"

#include <errno.h>
#include <stdlib.h>

uint32_t db_partition(const struct db *db, uint32_t number, const void *key)
{
	const struct area_type *type = &db->area->types[number];

	/* Of the product's upper bits: the lower ones choose buckets. */
	return db_hash(key, type->place_words) * 0x85ebca6bu >> 22;
}

/* --- applying --- */

static bool is_change(const struct db *db, const struct db_change *change, uint32_t room)
{
	const struct area_type *type;

	if (change->type >= db->area->type_count || change->kind > DB_DELETE ||
	    change->size > room - sizeof *change)
		return false;
	type = &db->area->types[change->type];
	return change->size == (change->kind == DB_PUT ? type->size : 4u * type->key_words);
}

/* Whether all of it is what this database could have written. */
static bool is_record(const struct db *db, const struct db_record *record)
{
	const struct db_change *change = db_record_first(record);
	uint32_t room = record->size - sizeof *record;

	if (record->size < sizeof *record || record->size % 4 || record->count > DB_LOCKS)
		return false;
	for (uint32_t i = 0; i < record->count; i++) {
		if (room < sizeof *change || !is_change(db, change, room))
			return false;
		room -= sizeof *change + change->size;
		change = db_change_next(change);
	}
	return room == 0;
}

/* Whether there is none with this key, or an older one. The key's latch is taken, or db->error. */
static bool is_newer(struct db *db, const struct db_change *change, uint64_t sequence)
{
	const struct area_type *type = &db->area->types[change->type];
	const db_word *key = (const db_word *)(change + 1);
	struct bucket *bucket = db_bucket(db, &type->key, key);
	const struct object *object;
	uint32_t ref;

	if (db_latch(db, &bucket->latch) != 0)
		return false;
	ref = db_chain_find(db, type, &type->key, bucket, db_load(&bucket->latch), key);
	object = db_object(db, ref);
	return !ref || (object->version[1] * 0x100000000ull | object->version[0]) < sequence;
}

static int apply(struct db *db, void *argument)
{
	const struct db_record *record = argument;
	const struct db_change *change = db_record_first(record);
	int error = 0;

	for (uint32_t i = 0; i < record->count && !db->error; i++) {
		if (is_newer(db, change, db_sequence(record)))
			error = change->kind == DB_PUT ? db_put(db, change->type, change + 1)
						       : db_delete(db, change->type, change + 1);
		if (error && error != -ENOENT)
			return error;
		change = db_change_next(change);
	}
	return db->error;
}

int db_apply(struct db *db, const struct db_record *record)
{
	int error;

	if (!is_record(db, record))
		return -EINVAL;
	memcpy(db->forced, record->sequence, sizeof db->forced);
	db->quiet = true;
	error = db_run(db, apply, (void *)record);
	db->quiet = false;
	return error;
}

/* --- walking through all --- */

/* The objects of one bucket, as records of one change each. */
struct batch {
	char *records;
	size_t size, room;
};

static struct db_record *batch_add(struct batch *batch, size_t size)
{
	if (batch->size + size > batch->room) {
		const size_t room = 2 * (batch->size + size);
		char *records = realloc(batch->records, room);

		if (!records)
			return NULL;
		batch->records = records;
		batch->room = room;
	}
	batch->size += size;
	return (struct db_record *)(batch->records + batch->size - size);
}

static bool batch_copy(struct db *db, struct batch *batch, uint32_t number, uint32_t ref)
{
	const struct area_type *type = &db->area->types[number];
	const uint32_t size = sizeof(struct db_record) + sizeof(struct db_change) + type->size;
	struct db_record *record = batch_add(batch, size);
	struct db_change *change = (struct db_change *)(record + 1);

	if (!record)
		return false;
	*record = (struct db_record){ .size = size, .count = 1 };
	db_words_copy_out(record->sequence, db_object(db, ref)->version, 2);
	*change = (struct db_change){ number, DB_PUT, type->size };
	db_words_copy_out(change + 1, db_at(db, ref + type->data), type->size / 4);
	return true;
}

/* All of the bucket as it is at one time. 0, -ENOMEM, -EAGAIN. */
static int batch_fill(struct db *db, struct batch *batch, uint32_t number, struct bucket *bucket)
{
	uint32_t word, ref;

	do {
		batch->size = 0;
		word = db_read_begin(db, &bucket->latch);
		if (db->error)
			return db->error;
		for (ref = db_load(&bucket->first); ref && db_read_same(&bucket->latch, word);
		     ref = db_load(&db_object(db, ref)->link[0]))
			if (!batch_copy(db, batch, number, ref))
				return -ENOMEM;
	} while (!db_read_same(&bucket->latch, word));
	return 0;
}

struct walk {
	uint32_t partition;
	int (*visit)(void *context, const struct db_record *);
	void *context;
};

static int batch_visit(struct db *db, const struct batch *batch, const struct walk *walk)
{
	int result = 0;

	for (size_t at = 0; at < batch->size && !result;) {
		const struct db_record *record = (struct db_record *)(batch->records + at);
		const struct db_change *change = db_record_first(record);

		if (walk->partition == DB_PARTITIONS ||
		    db_partition(db, change->type, change + 1) == walk->partition)
			result = walk->visit(walk->context, record);
		at += record->size;
	}
	return result;
}

static int walk_type(struct db *db, uint32_t number, struct batch *batch, const struct walk *walk)
{
	const struct area_index *key = &db->area->types[number].key;
	struct bucket *table = (struct bucket *)db_at(db, key->table);

	for (uint32_t i = 0; i <= key->mask; i++) {
		int result = 0;

		if (!db_load(&table[i].first) && !db_load(&table[i].latch))
			continue;
		result = batch_fill(db, batch, number, &table[i]);
		if (!result)
			result = batch_visit(db, batch, walk);
		if (result)
			return result;
	}
	return 0;
}

int db_scan(struct db *db, uint32_t partition,
	    int (*visit)(void *context, const struct db_record *), void *context)
{
	const struct walk walk = { partition, visit, context };
	struct batch batch = { 0 };
	int result = 0;

	if (db->slot->state != DB_IDLE)
		return -EINVAL;
	db->error = 0;
	for (uint32_t i = 0; i < db->area->type_count && !result; i++)
		result = walk_type(db, i, &batch, &walk);
	free(batch.records);
	return result;
}

static int count_one(void *context, const struct db_record *record)
{
	struct db_counts *counts = context;

	counts->objects[db_record_first(record)->type]++;
	return 0;
}

int db_count(struct db *db, struct db_counts *counts)
{
	*counts = (struct db_counts){ .free_bytes = db->area->size - db->area->used };
	return db_scan(db, DB_PARTITIONS, count_one, counts);
}
