/*
 * Looks at all of a database that is at rest.
 */
#include "area.h"

#include <stdarg.h>

struct check {
	struct db *db;
	FILE *complaints;
	int faults;
	const struct area_type *type;
	const struct area_index *index;
	uint32_t objects, entries; /* of the type; of the index */
	uint32_t nodes;            /* of all trees, below their roots */
	uint32_t live[DB_TYPES];
	bool has_last;
	uint32_t last[DB_ORDER_WORDS];
};

__attribute__((format(printf, 2, 3))) static void fault(struct check *check, const char *format,
							...)
{
	va_list arguments;

	check->faults++;
	if (!check->complaints)
		return;
	va_start(arguments, format);
	fprintf(check->complaints, "%s: ", check->type ? check->type->name : "database");
	vfprintf(check->complaints, format, arguments);
	fputc('\n', check->complaints);
	va_end(arguments);
}

static void check_object(struct check *check, const struct bucket *bucket, uint32_t ref)
{
	const struct db *db = check->db;
	const struct object *object = db_object(db, ref);
	const void *data = db_at(db, ref + check->type->data);

	if (object->bucket != db_ref(db, bucket) ||
	    db_bucket(db, &check->type->key, data) != bucket)
		fault(check, "object %u is in a chain that is not its own", ref);
	if (db_chain_find(db, check->type, &check->type->key, bucket, db_load(&bucket->latch),
			  data) != ref)
		fault(check, "object %u is there twice", ref);
	check->objects++;
}

static void check_key(struct check *check)
{
	const struct area_index *key = &check->type->key;
	const struct bucket *table = (struct bucket *)db_at(check->db, key->table);

	for (uint32_t i = 0; i <= key->mask; i++) {
		if (table[i].latch & DB_OWNER_MASK)
			fault(check, "slot %u holds bucket %u",
			      (table[i].latch & DB_OWNER_MASK) - 1, i);
		for (uint32_t ref = table[i].first; ref; ref = db_object(check->db, ref)->link[0])
			check_object(check, &table[i], ref);
	}
}

static void check_hash(struct check *check)
{
	const struct area_index *index = check->index;
	const struct db *db = check->db;
	struct bucket *table = (struct bucket *)db_at(db, index->table);

	for (uint32_t i = 0; i <= index->mask; i++) {
		if (table[i].latch & DB_OWNER_MASK)
			fault(check, "slot %u holds bucket %u of %s",
			      (table[i].latch & DB_OWNER_MASK) - 1, i, index->name);
		for (uint32_t ref = table[i].first; ref; check->entries++) {
			const db_word *key =
				(const db_word *)db_at(db, ref + check->type->data + index->offset);

			if (!db_object(db, ref)->bucket || db_bucket(db, index, key) != &table[i])
				fault(check, "%s has object %u where it is not", index->name, ref);
			ref = db_object(db, ref)->link[index->link];
		}
	}
}

static bool check_entry(void *context, const uint32_t *key, uint32_t ref)
{
	struct check *check = context;
	const uint32_t size = check->index->words * sizeof *key;
	uint32_t words[DB_ORDER_WORDS];

	db_order_words(check->type, check->index, db_at(check->db, ref + check->type->data), words);
	if (!db_object(check->db, ref)->bucket || memcmp(words, key, size) != 0)
		fault(check, "%s has object %u where it is not", check->index->name, ref);
	for (uint32_t i = 0; check->has_last && i < check->index->words; i++) {
		if (check->last[i] < key[i])
			break;
		if (check->last[i] > key[i] || i + 1 == check->index->words)
			fault(check, "%s is not in order", check->index->name);
	}
	memcpy(check->last, key, size);
	check->has_last = true;
	check->entries++;
	return true;
}

static void check_index(struct check *check)
{
	int nodes = 0;

	check->entries = 0;
	check->has_last = false;
	if (check->index->ordered)
		nodes = db_tree_walk(check->db, check->index, check_entry, check);
	else
		check_hash(check);
	if (nodes < 0)
		fault(check, "%s is no tree, or held", check->index->name);
	else
		check->nodes += nodes;
	if (check->entries != check->objects)
		fault(check, "%s has %u entries for %u objects", check->index->name, check->entries,
		      check->objects);
}

static uint32_t list_length(const struct db *db, const struct piece_class *class, uint32_t ref)
{
	uint32_t length = 0;

	for (; ref && length < db->area->size / class->size; length++)
		ref = *db_at(db, ref + class->link);
	return length;
}

/* The pieces of a class that are free. */
static uint32_t free_pieces(struct check *check, uint32_t number)
{
	const struct db *db = check->db;
	const struct piece_class *class = &db->area->classes[number];
	uint32_t pieces = 0, lists = 0;

	for (unsigned i = 0; i < DB_SLOTS; i++) {
		const struct free_list *list = &db->area->slots[i].free[number];
		const uint32_t length = list_length(db, class, list->head);

		if (length != list->count)
			fault(check, "slot %u has %u free pieces of class %u, not %u", i, length,
			      number, list->count);
		pieces += length;
	}
	for (uint32_t ref = class->lists.head; ref && lists <= class->lists.count; lists++) {
		pieces += list_length(db, class, ref);
		ref = *db_at(db, ref + class->chain);
	}
	if (lists != class->lists.count)
		fault(check, "class %u has %u lists, not %u", number, lists, class->lists.count);
	return pieces;
}

/* All memory behind the tables is pieces: objects, nodes, free ones. */
static void check_memory(struct check *check)
{
	const struct area *area = check->db->area;
	uint32_t bytes = (check->nodes + free_pieces(check, DB_NODE_CLASS)) * DB_NODE_BYTES;

	for (uint32_t i = 0; i < area->type_count; i++)
		bytes += (check->live[i] + free_pieces(check, i)) * area->classes[i].size;
	if (bytes != area->used - area->pieces)
		fault(check, "of %u bytes %u are lost", area->used - area->pieces,
		      area->used - area->pieces - bytes);
	if ((area->allocator | area->log.latch) & DB_OWNER_MASK)
		fault(check, "the allocator or the log is held");
}

int db_check(struct db *db, FILE *complaints)
{
	struct check check = { .db = db, .complaints = complaints };

	db_recover(db);
	for (uint32_t i = 0; i < db->area->type_count; i++) {
		check.type = &db->area->types[i];
		check.objects = 0;
		check_key(&check);
		check.live[i] = check.objects;
		for (uint32_t j = 0; j < check.type->index_count; j++) {
			check.index = &check.type->indexes[j];
			check_index(&check);
		}
	}
	check.type = NULL;
	check_memory(&check);
	return check.faults;
}
