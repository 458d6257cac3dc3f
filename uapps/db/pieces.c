/*
 * Memory, in pieces of one size for each type and for the nodes of ordered indexes. Each slot has
 * free pieces of its own, so that transactions do not meet here; what it has too many of goes as a
 * list to all, after Bonwick's magazines (Vmem, USENIX 2001), and comes from there. A piece never
 * becomes one of another class: a reader that comes late finds an object, if not the one it looked
 * for.
 *
 * All of that is part of the transaction, and undone with it.
 */
#include "area.h"

#include <errno.h>

static uint32_t *link_of(const struct db *db, const struct piece_class *class, uint32_t ref)
{
	return db_at(db, ref + class->link);
}

static uint32_t *chain_of(const struct db *db, const struct piece_class *class, uint32_t ref)
{
	return db_at(db, ref + class->chain);
}

static void set_list(struct db *db, struct free_list *list, uint32_t head, uint32_t count)
{
	db_write(db, &list->head, head);
	db_write(db, &list->count, count);
}

/* New ones, from where nothing is anything's: nobody else sees them, so nothing is remembered. */
static void carve(struct db *db, const struct piece_class *class, struct free_list *list)
{
	struct area *area = db->area;
	const uint32_t first = area->used;
	uint32_t count = (area->size - first) / class->size;

	if (count > DB_BATCH)
		count = DB_BATCH;
	if (!count) {
		db->error = -ENOMEM;
		return;
	}
	for (uint32_t i = 0; i < count; i++)
		db_store(link_of(db, class, first + i * class->size),
			 i + 1 < count ? first + (i + 1) * class->size : 0);
	db_write(db, &area->used, first + count * class->size);
	set_list(db, list, first, count);
}

static void refill(struct db *db, struct piece_class *class, struct free_list *list)
{
	if (db_latch(db, &db->area->allocator) != 0)
		return;
	if (!class->lists.head) {
		carve(db, class, list);
		return;
	}
	set_list(db, list, class->lists.head, DB_BATCH);
	set_list(db, &class->lists, *chain_of(db, class, class->lists.head),
		 class->lists.count - 1);
}

uint32_t db_piece_take(struct db *db, uint32_t class_number)
{
	struct piece_class *class = &db->area->classes[class_number];
	struct free_list *list = &db->slot->free[class_number];
	uint32_t ref, *link;

	if (!list->head)
		refill(db, class, list);
	if (db->error)
		return 0;
	ref = list->head;
	link = link_of(db, class, ref);
	/* The link will be written over. */
	if (!db_save_words(db, link, 1))
		return 0;
	set_list(db, list, *link, list->count - 1);
	return db->error ? 0 : ref;
}

void db_piece_free(struct db *db, uint32_t class, uint32_t ref)
{
	if (db->free_count == DB_LOCKS)
		db->error = -E2BIG;
	else
		db->frees[db->free_count++] = (struct change){ .type = class, .ref = ref };
}

/* The first DB_BATCH of the slot's pieces go to all. */
static void pass_on(struct db *db, struct piece_class *class, struct free_list *list)
{
	const uint32_t first = list->head;
	uint32_t last = first;

	if (db_latch(db, &db->area->allocator) != 0)
		return;
	for (unsigned i = 1; i < DB_BATCH; i++)
		last = *link_of(db, class, last);
	set_list(db, list, *link_of(db, class, last), list->count - DB_BATCH);
	db_write(db, link_of(db, class, last), 0);
	db_write(db, chain_of(db, class, first), class->lists.head);
	set_list(db, &class->lists, first, class->lists.count + 1);
}

void db_pieces_give_back(struct db *db)
{
	for (uint32_t i = 0; i < db->free_count && !db->error; i++) {
		struct piece_class *class = &db->area->classes[db->frees[i].type];
		struct free_list *list = &db->slot->free[db->frees[i].type];

		db_write(db, link_of(db, class, db->frees[i].ref), list->head);
		set_list(db, list, db->frees[i].ref, list->count + 1);
		if (list->count == 2 * DB_BATCH)
			pass_on(db, class, list);
	}
}
