/*
 * Objects: finding, storing and deleting them, with all their indexes. An object is under the latch
 * of the bucket that its key is in; a chain of another hash index, and a leaf of an ordered one,
 * have latches of their own, which say whether an object is in them, not what it holds.
 */
#include "area.h"

#include <errno.h>

static const void *data_of(const struct db *db, const struct area_type *type, uint32_t ref)
{
	return db_at(db, ref + type->data);
}

/* What an index is looked up by, in a structure of the type. */
static const db_word *hashed(const struct area_index *index, const void *object)
{
	return (const db_word *)((const char *)object + index->offset);
}

/* The type, if a transaction is open and the number is one; NULL with `*error`. */
static const struct area_type *type_of(struct db *db, uint32_t number, int *error)
{
	*error = db->error;
	if (db->slot->state != DB_ACTIVE || number >= db->area->type_count)
		*error = -EINVAL;
	return *error ? NULL : &db->area->types[number];
}

/* --- reading --- */

/* Copies an object whose bucket's latch has this word; false if that is another one by now. */
static bool copy_out(struct db *db, const struct area_type *type, const uint32_t *latch,
		     uint32_t word, uint32_t ref, void *object)
{
	if (ref)
		db_words_copy_out(object, db_at(db, ref + type->data), type->size / 4);
	return db_read_same(latch, word);
}

int db_get(struct db *db, uint32_t number, const void *key, void *object)
{
	int error;
	const struct area_type *type = type_of(db, number, &error);
	struct bucket *bucket;
	uint32_t word, ref;

	if (!type)
		return error;
	bucket = db_bucket(db, &type->key, key);
	do {
		word = db_read_begin(db, &bucket->latch);
		if (db->error)
			return db->error;
		ref = db_chain_find(db, type, &type->key, bucket, word, key);
	} while (!copy_out(db, type, &bucket->latch, word, ref, object));
	db_read_note(db, &bucket->latch, word);
	return db->error ? db->error : ref ? 0 : -ENOENT;
}

/* Of an object that an index led to. If it is not there any more, the index has changed, too. */
static int read_object(struct db *db, const struct area_type *type, uint32_t ref, void *object)
{
	const uint32_t bucket = db_load(&db_object(db, ref)->bucket);
	uint32_t *latch = db_at(db, bucket), word;

	if (!bucket)
		return db->error = -EAGAIN;
	do {
		word = db_read_begin(db, latch);
		if (!db->error && db_load(&db_object(db, ref)->bucket) != bucket)
			db->error = -EAGAIN;
		if (db->error)
			return db->error;
	} while (!copy_out(db, type, latch, word, ref, object));
	db_read_note(db, latch, word);
	return db->error;
}

static uint32_t find_hashed(struct db *db, const struct area_type *type,
			    const struct area_index *index, const void *probe)
{
	struct bucket *bucket = db_bucket(db, index, hashed(index, probe));
	uint32_t word, ref;

	do {
		word = db_read_begin(db, &bucket->latch);
		ref = db_chain_find(db, type, index, bucket, word, hashed(index, probe));
	} while (!db->error && !db_read_same(&bucket->latch, word));
	db_read_note(db, &bucket->latch, word);
	return ref;
}

static uint32_t find_ordered(struct db *db, const struct area_type *type,
			     const struct area_index *index, const void *probe)
{
	uint32_t key[DB_ORDER_WORDS], found[DB_ORDER_WORDS], ref;

	db_order_words(type, index, probe, key);
	ref = db_tree_first(db, index, key, true, found);
	return ref && memcmp(key, found, index->words * sizeof *key) == 0 ? ref : 0;
}

int db_find(struct db *db, uint32_t number, uint32_t index_number, const void *probe, void *object)
{
	int error;
	const struct area_type *type = type_of(db, number, &error);
	const struct area_index *index;
	uint32_t ref;

	if (!type || index_number >= type->index_count)
		return type ? -EINVAL : error;
	index = &type->indexes[index_number];
	ref = index->ordered ? find_ordered(db, type, index, probe)
			     : find_hashed(db, type, index, probe);
	if (db->error)
		return db->error;
	return ref ? read_object(db, type, ref, object) : -ENOENT;
}

int db_range(struct db *db, uint32_t number, uint32_t index, const void *from, const void *to,
	     struct db_cursor *cursor)
{
	int error;
	const struct area_type *type = type_of(db, number, &error);

	if (!type)
		return error;
	if (index >= type->index_count || !type->indexes[index].ordered)
		return -EINVAL;
	*cursor = (struct db_cursor){ .type = number, .index = index };
	db_order_words(type, &type->indexes[index], from, cursor->last);
	db_order_words(type, &type->indexes[index], to, cursor->end);
	return 0;
}

static bool is_behind(const uint32_t *key, const uint32_t *end, uint32_t words)
{
	for (uint32_t i = 0; i < words; i++)
		if (key[i] != end[i])
			return key[i] > end[i];
	return false;
}

int db_next(struct db *db, struct db_cursor *cursor, void *object)
{
	int error;
	const struct area_type *type = type_of(db, cursor->type, &error);
	const struct area_index *index;
	uint32_t found[DB_ORDER_WORDS], ref;

	if (!type)
		return error;
	index = &type->indexes[cursor->index];
	ref = db_tree_next(db, index, cursor, found);
	if (db->error || !ref || is_behind(found, cursor->end, index->words))
		return db->error;
	cursor->started = 1;
	memcpy(cursor->last, found, index->words * sizeof *found);
	error = read_object(db, type, ref, object);
	return error ? error : 1;
}

/* --- what the log gets --- */

/* The object's version will be another one. What is changed and then deleted is only deleted. */
static void note_change(struct db *db, uint32_t type, uint32_t ref, enum db_change_kind kind)
{
	for (uint32_t i = 0; i < db->change_count; i++)
		if (db->changes[i].ref == ref) {
			db->changes[i].kind = kind;
			return;
		}
	if (db->change_count == DB_LOCKS) {
		db->error = -E2BIG;
		return;
	}
	if (db_save_words(db, db_object(db, ref)->version, 2))
		db->changes[db->change_count++] = (struct change){ type, ref, kind };
}

/* --- indexes --- */

static int index_insert(struct db *db, const struct area_type *type, const struct area_index *index,
			const void *object, uint32_t ref)
{
	uint32_t key[DB_ORDER_WORDS];
	struct bucket *bucket;

	if (index->ordered) {
		db_order_words(type, index, object, key);
		return db_tree_insert(db, index, key, ref);
	}
	bucket = db_bucket(db, index, hashed(index, object));
	if (db_latch(db, &bucket->latch) != 0)
		return db->error;
	if (db_chain_find(db, type, index, bucket, db_load(&bucket->latch), hashed(index, object)))
		return -EEXIST;
	db_chain_insert(db, bucket, index->link, ref);
	return db->error;
}

static void index_remove(struct db *db, const struct area_type *type,
			 const struct area_index *index, const void *object, uint32_t ref)
{
	uint32_t key[DB_ORDER_WORDS];
	struct bucket *bucket;

	if (index->ordered) {
		db_order_words(type, index, object, key);
		db_tree_remove(db, index, key);
		return;
	}
	bucket = db_bucket(db, index, hashed(index, object));
	if (db_latch(db, &bucket->latch) == 0)
		db_chain_remove(db, bucket, index->link, ref);
}

/* Into the type's further indexes from the first one on; of none, if one has it already. */
static int indexes_insert(struct db *db, const struct area_type *type, const void *object,
			  uint32_t ref)
{
	for (uint32_t i = 0; i < type->index_count; i++) {
		const int error = index_insert(db, type, &type->indexes[i], object, ref);

		if (!error)
			continue;
		while (error == -EEXIST && i-- > 0)
			index_remove(db, type, &type->indexes[i], object, ref);
		return error;
	}
	return 0;
}

static bool differs(const struct area_type *type, const struct area_index *index, const void *one,
		    const void *other)
{
	for (unsigned i = 0; i < index->count; i++) {
		const struct db_field *field = &type->fields[index->fields[i]];

		if (memcmp((const char *)one + field->offset, (const char *)other + field->offset,
			   field->size) != 0)
			return true;
	}
	return false;
}

/* Where the new object has other fields; as before, if an index has those already. */
static int indexes_change(struct db *db, const struct area_type *type, const void *before,
			  const void *object, uint32_t ref)
{
	for (uint32_t i = 0; i < type->index_count && !db->error; i++) {
		const struct area_index *index = &type->indexes[i];
		int error;

		if (!differs(type, index, before, object))
			continue;
		index_remove(db, type, index, before, ref);
		error = index_insert(db, type, index, object, ref);
		if (error)
			/* The ones before have changed: the transaction cannot go on. */
			return db->error = error;
	}
	return db->error;
}

/* --- storing --- */

static int insert(struct db *db, uint32_t number, struct bucket *bucket, const void *object)
{
	const struct area_type *type = &db->area->types[number];
	const uint32_t ref = db_piece_take(db, number);
	struct object *piece = db_object(db, ref);
	int error;

	if (!ref)
		return db->error;
	db_words_copy_in(db_at(db, ref + type->data), object, type->size / 4);
	error = indexes_insert(db, type, object, ref);
	if (error) {
		db_piece_free(db, number, ref);
		return error;
	}
	db_write(db, &piece->bucket, db_ref(db, bucket));
	db_chain_insert(db, bucket, 0, ref);
	note_change(db, number, ref, DB_PUT);
	return db->error;
}

/* Writes the words from the first to the last that differ. */
static int overwrite(struct db *db, uint32_t number, uint32_t ref, const void *object)
{
	const struct area_type *type = &db->area->types[number];
	const db_word *words = object;
	uint32_t *data = db_at(db, ref + type->data);
	uint32_t from = 0, to = type->size / 4;

	while (from < to && data[from] == words[from])
		from++;
	while (to > from && data[to - 1] == words[to - 1])
		to--;
	if (type->index_count && from < to && indexes_change(db, type, data, object, ref) != 0)
		return db->error;
	note_change(db, number, ref, DB_PUT);
	if (db_save_words(db, data + from, to - from))
		db_words_copy_in(data + from, words + from, to - from);
	return db->error;
}

/* The bucket of the key with its latch taken, and the object that is there; NULL with `*error`. */
static struct bucket *latch_key(struct db *db, uint32_t number, const void *key, uint32_t *ref,
				int *error)
{
	const struct area_type *type = type_of(db, number, error);
	struct bucket *bucket;

	if (!type)
		return NULL;
	bucket = db_bucket(db, &type->key, key);
	*error = db_latch(db, &bucket->latch);
	if (*error)
		return NULL;
	*ref = db_chain_find(db, type, &type->key, bucket, db_load(&bucket->latch), key);
	return bucket;
}

int db_insert(struct db *db, uint32_t type, const void *object)
{
	uint32_t ref;
	int error;
	struct bucket *bucket = latch_key(db, type, object, &ref, &error);

	if (!bucket)
		return error;
	return ref ? -EEXIST : insert(db, type, bucket, object);
}

int db_update(struct db *db, uint32_t type, const void *object)
{
	uint32_t ref;
	int error;

	if (!latch_key(db, type, object, &ref, &error))
		return error;
	return ref ? overwrite(db, type, ref, object) : -ENOENT;
}

int db_put(struct db *db, uint32_t type, const void *object)
{
	uint32_t ref;
	int error;
	struct bucket *bucket = latch_key(db, type, object, &ref, &error);

	if (!bucket)
		return error;
	return ref ? overwrite(db, type, ref, object) : insert(db, type, bucket, object);
}

int db_delete(struct db *db, uint32_t number, const void *key)
{
	uint32_t ref;
	int error;
	struct bucket *bucket = latch_key(db, number, key, &ref, &error);
	const struct area_type *type = &db->area->types[number];

	if (!bucket)
		return error;
	if (!ref)
		return -ENOENT;
	for (uint32_t i = 0; i < type->index_count && !db->error; i++)
		index_remove(db, type, &type->indexes[i], data_of(db, type, ref), ref);
	db_chain_remove(db, bucket, 0, ref);
	db_write(db, &db_object(db, ref)->bucket, 0);
	note_change(db, number, ref, DB_DELETE);
	db_piece_free(db, number, ref);
	return db->error;
}

int db_call(struct db *db, uint32_t type, const void *key, uint32_t method, void *argument)
{
	db_word object[DB_OBJECT_MAX / 4];
	const int error = db_get(db, type, key, object);
	int result;

	if (error)
		return error;
	if (!db->types || method >= db->types[type].method_count)
		return -ENOSYS;
	result = db->types[type].methods[method](db, object, argument);
	if (result <= 0)
		return result;
	return db_update(db, type, object);
}
