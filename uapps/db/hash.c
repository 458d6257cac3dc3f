/*
 * Hash indexes: tables of chains through the objects, made once for as many as the type expects.
 */
#include "area.h"

/* Each word goes through the multiplication of Fibonacci hashing (Knuth, volume 3, Section 6.4),
 * and its high bits, which are the good ones, come down. */
uint32_t db_hash(const db_word *key, uint32_t words)
{
	uint32_t hash = 0;

	for (uint32_t i = 0; i < words; i++) {
		hash = (hash ^ key[i]) * 0x9e3779b1u;
		hash ^= hash >> 15;
	}
	return hash;
}

struct bucket *db_bucket(const struct db *db, const struct area_index *index, const db_word *key)
{
	struct bucket *table = (struct bucket *)db_at(db, index->table);

	return &table[db_hash(key, index->words) & index->mask];
}

static bool has_key(const uint32_t *data, const db_word *key, uint32_t words)
{
	for (uint32_t i = 0; i < words; i++)
		if (db_load(data + i) != key[i])
			return false;
	return true;
}

/*
 * A chain that is being changed can lead to pieces that were freed meanwhile, and on from there; so
 * each step looks whether it is still the chain.
 */
uint32_t db_chain_find(const struct db *db, const struct area_type *type,
		       const struct area_index *index, const struct bucket *bucket, uint32_t word,
		       const db_word *key)
{
	const uint32_t start = type->data + index->offset;
	uint32_t ref = db_load(&bucket->first);

	while (ref && db_read_same(&bucket->latch, word)) {
		if (has_key(db_at(db, ref + start), key, index->words))
			return ref;
		ref = db_load(&db_object(db, ref)->link[index->link]);
	}
	return 0;
}

void db_chain_insert(struct db *db, struct bucket *bucket, uint32_t link, uint32_t ref)
{
	db_write(db, &db_object(db, ref)->link[link], bucket->first);
	db_write(db, &bucket->first, ref);
}

void db_chain_remove(struct db *db, struct bucket *bucket, uint32_t link, uint32_t ref)
{
	uint32_t *from = &bucket->first;

	while (*from && *from != ref)
		from = &db_object(db, *from)->link[link];
	if (*from)
		db_write(db, from, db_object(db, ref)->link[link]);
}
