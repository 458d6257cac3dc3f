/*
 * What a database's area holds: its types, with their tables, made once, and compared with those of
 * each program that opens it.
 */
#include "area.h"

#include <errno.h>

#define EXPECTED 1024u

static bool is_number_size(const struct db_field *field)
{
	static const uint8_t sizes[] = { [DB_U8] = 1, [DB_U16] = 2, [DB_U32] = 4, [DB_U64] = 8 };

	return field->kind >= DB_TEXT || field->size == sizes[field->kind];
}

static bool is_field(const struct db_type *type, const struct db_field *field)
{
	return field->kind <= DB_BYTES && is_number_size(field) && field->size &&
	       field->offset + field->size <= type->size &&
	       memchr(field->name, 0, sizeof field->name) && field->name[0];
}

/* How many words the index is looked up by; 0 if it is none that there can be. */
static uint32_t index_words(const struct db_type *type, const struct db_index *index)
{
	uint32_t size = 0;

	if (!index->count || index->count > DB_PARTS || !memchr(index->name, 0, DB_NAME_MAX))
		return 0;
	for (unsigned i = 0; i < index->count; i++) {
		if (index->fields[i] >= type->field_count)
			return 0;
		size += type->fields[index->fields[i]].size;
	}
	if (index->ordered)
		return size <= DB_ORDERED_MAX ? (size + 3) / 4 : 0;
	if (index->count != 1 || (size | type->fields[index->fields[0]].offset) % 4)
		return 0;
	return size / 4;
}

static bool is_type(const struct db_type *type)
{
	if (!type->size || type->size % 4 || type->size > DB_OBJECT_MAX || !type->key_size ||
	    type->key_size % 4 || type->key_size > DB_KEY_MAX || type->key_size > type->size ||
	    type->place_size % 4 || type->place_size > type->key_size ||
	    type->field_count > DB_FIELDS || type->index_count > DB_INDEXES ||
	    !memchr(type->name, 0, sizeof type->name))
		return false;
	for (uint32_t i = 0; i < type->field_count; i++)
		if (!is_field(type, &type->fields[i]))
			return false;
	for (uint32_t i = 0; i < type->index_count; i++)
		if (!index_words(type, &type->indexes[i]))
			return false;
	return true;
}

/* All of a type but where its tables lie. False if it is none. */
static bool describe(const struct db_type *from, struct area_type *type)
{
	memset(type, 0, sizeof *type);
	if (!is_type(from))
		return false;
	strcpy(type->name, from->name);
	type->size = from->size;
	type->key_words = from->key_size / 4;
	type->place_words = from->place_size ? from->place_size / 4 : type->key_words;
	type->field_count = from->field_count;
	type->index_count = from->index_count;
	for (uint32_t i = 0; i < from->field_count; i++) {
		type->fields[i] = from->fields[i];
		memset(type->fields[i].name, 0, DB_NAME_MAX);
		strcpy(type->fields[i].name, from->fields[i].name);
	}
	type->key.words = type->key_words;
	type->links = 1;
	for (uint32_t i = 0; i < from->index_count; i++) {
		struct area_index *index = &type->indexes[i];

		strcpy(index->name, from->indexes[i].name);
		index->ordered = from->indexes[i].ordered;
		index->count = from->indexes[i].count;
		memcpy(index->fields, from->indexes[i].fields, sizeof index->fields);
		index->words = index_words(from, &from->indexes[i]);
		index->offset = from->fields[index->fields[0]].offset;
		index->link = index->ordered ? 0 : type->links++;
	}
	type->data = sizeof(struct object) + 4u * type->links;
	return true;
}

/* Takes memory for a table, which is zero; 0 if there is none. */
static uint32_t take(struct area *area, uint32_t size)
{
	const uint32_t ref = area->used;

	if (size > area->size - ref)
		return 0;
	area->used += (size + 63) & ~63u;
	if (area->used > area->size)
		area->used = area->size;
	return ref;
}

static uint32_t buckets_for(uint32_t expect)
{
	uint32_t buckets = 16;

	while (buckets < expect && buckets < 1u << 27)
		buckets *= 2;
	return buckets;
}

static bool make_index(struct area *area, struct area_index *index, uint32_t expect)
{
	const uint32_t buckets = buckets_for(expect ? expect : EXPECTED);

	index->mask = index->ordered ? 0 : buckets - 1;
	index->table = take(area, index->ordered ? DB_NODE_BYTES : buckets * sizeof(struct bucket));
	return index->table != 0;
}

static bool make_type(struct area *area, uint32_t number, uint32_t expect)
{
	struct area_type *type = &area->types[number];

	if (!make_index(area, &type->key, expect))
		return false;
	for (uint32_t i = 0; i < type->index_count; i++)
		if (!make_index(area, &type->indexes[i], expect))
			return false;
	/* A free object's links: instead of that of its key's chain, and of its version. */
	area->classes[number] = (struct piece_class){
		type->data + type->size, offsetof(struct object, link), 0, { 0 }
	};
	return true;
}

int db_area_make(struct area *area, const struct db_type *types, uint32_t count, uint32_t size)
{
	if (!count || count > DB_TYPES)
		return -EINVAL;
	if (size < sizeof *area)
		return -ENOSPC;
	area->size = size;
	area->type_count = count;
	area->used = (sizeof *area + 63) & ~63u;
	/* A node's links are where its entries would be. */
	area->classes[DB_NODE_CLASS] = (struct piece_class){ DB_NODE_BYTES, 8, 12, { 0 } };
	for (uint32_t i = 0; i < count; i++) {
		if (!describe(&types[i], &area->types[i]))
			return -EINVAL;
		if (!make_type(area, i, types[i].expect))
			return -ENOSPC;
	}
	area->pieces = area->used;
	return 0;
}

/* The tables' places are not the program's to know. */
static void forget_tables(struct area_type *type)
{
	type->key.table = type->key.mask = 0;
	for (uint32_t i = 0; i < type->index_count; i++)
		type->indexes[i].table = type->indexes[i].mask = 0;
}

bool db_area_fits(const struct area *area, const struct db_type *types, uint32_t count)
{
	if (count != area->type_count)
		return false;
	for (uint32_t i = 0; i < count; i++) {
		struct area_type theirs, ours = area->types[i];

		forget_tables(&ours);
		if (!describe(&types[i], &theirs) || memcmp(&ours, &theirs, sizeof ours) != 0)
			return false;
	}
	return true;
}

const char *db_type_name(const struct db *db, uint32_t type)
{
	return type < db->area->type_count ? db->area->types[type].name : NULL;
}
