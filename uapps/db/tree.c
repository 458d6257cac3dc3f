/*
 * Ordered indexes: B+ trees, whose nodes have latches as buckets do. Going down is optimistic: a
 * node's latch is compared again when the next one's has been read (Leis, Scheibner, Kemper,
 * Neumann, The ART of practical synchronization, DaMoN 2016). A node that is full is split before
 * something comes into it, from the top; one that becomes empty goes, with those above that have
 * nothing else.
 *
 * A node of level 0 has entries of a key and an object's ref; a higher one, of a node's ref and the
 * key at or behind which its entries are. The key of its first entry stands for all that come
 * before. The root stays where it is.
 */
#include "area.h"

#include <errno.h>

#define NODE_WORDS  (DB_NODE_BYTES / 4 - 2)
#define DEPTH_MAX   16
#define LEVEL_SHIFT 16

struct node {
	uint32_t latch;
	uint32_t info; /* entries, and from bit 16 on the level */
	uint32_t words[NODE_WORDS];
};

/* The way down: nodes, with the words that their latches had. */
struct path {
	unsigned depth;
	struct node *nodes[DEPTH_MAX];
	uint32_t words[DEPTH_MAX];
	bool bounded; /* entries from `bound` on are in other nodes */
	uint32_t bound[DB_ORDER_WORDS];
};

static unsigned stride(const struct area_index *index)
{
	return index->words + 1;
}

static unsigned capacity(const struct area_index *index)
{
	return NODE_WORDS / stride(index);
}

/* Of a node that is being changed the numbers can be any: not more than there is room for. */
static unsigned count_of(const struct area_index *index, const struct node *node)
{
	const unsigned count = db_load(&node->info) & 0xffff;

	return count < capacity(index) ? count : capacity(index);
}

static unsigned level_of(const struct node *node)
{
	return db_load(&node->info) >> LEVEL_SHIFT;
}

static uint32_t *entry(const struct area_index *index, struct node *node, unsigned number)
{
	return node->words + number * stride(index);
}

static uint32_t *value(const struct area_index *index, struct node *node, unsigned number)
{
	return entry(index, node, number) + index->words;
}

static int compare(const uint32_t *entry, const uint32_t *key, unsigned words)
{
	for (unsigned i = 0; i < words; i++) {
		const uint32_t word = db_load(entry + i);

		if (word != key[i])
			return word < key[i] ? -1 : 1;
	}
	return 0;
}

/* The first entry, from `from` on, whose key is not below `key`, or (`behind`) is above it. */
static unsigned search(const struct area_index *index, struct node *node, unsigned from,
		       const uint32_t *key, bool behind)
{
	unsigned to = count_of(index, node);

	while (from < to) {
		const unsigned middle = (from + to) / 2;

		if (compare(entry(index, node, middle), key, index->words) < (behind ? 1 : 0))
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

/* Which child the key is under. */
static unsigned child_of(const struct area_index *index, struct node *node, const uint32_t *key)
{
	return search(index, node, 1, key, true) - 1;
}

static struct node *root_of(const struct db *db, const struct area_index *index)
{
	return (struct node *)db_at(db, index->table);
}

/* --- going down --- */

static bool path_add(struct path *path, struct node *node, uint32_t word)
{
	if (path->depth == DEPTH_MAX)
		return false;
	path->nodes[path->depth] = node;
	path->words[path->depth++] = word;
	return true;
}

/* The child's ref, with what bounds it, from a node that may be changing. */
static uint32_t choose_child(const struct area_index *index, struct path *path, struct node *node,
			     const uint32_t *key)
{
	const unsigned child = child_of(index, node, key);

	if (child + 1 < count_of(index, node)) {
		path->bounded = true;
		db_words_copy_out(path->bound, entry(index, node, child + 1), index->words);
	}
	return db_load(value(index, node, child));
}

/* False if something changed on the way, or with db->error. */
static bool try_descend(struct db *db, const struct area_index *index, const uint32_t *key,
			struct path *path)
{
	struct node *node = root_of(db, index), *child;
	uint32_t word = db_read_begin(db, &node->latch), child_word;

	path->depth = 0;
	path->bounded = false;
	while (path_add(path, node, word)) {
		if (db->error || level_of(node) == 0)
			return !db->error && db_read_same(&node->latch, word);
		child = (struct node *)db_at(db, choose_child(index, path, node, key));
		if (!db_read_same(&node->latch, word))
			return false;
		child_word = db_read_begin(db, &child->latch);
		if (!db_read_same(&node->latch, word))
			return false;
		node = child;
		word = child_word;
	}
	return false;
}

/* The way to the leaf for the key; false with db->error. */
static bool descend(struct db *db, const struct area_index *index, const uint32_t *key,
		    struct path *path)
{
	while (!db->error)
		if (try_descend(db, index, key, path))
			return true;
	return false;
}

/* Where an entry was found: the leaf, its latch's word then, and the entry's number. */
struct place {
	struct node *leaf;
	uint32_t word;
	unsigned number;
};

/* The first entry at the key, or (unless `included`) behind it; false if there is none. */
static bool find_place(struct db *db, const struct area_index *index, const uint32_t *key,
		       bool included, struct place *place)
{
	uint32_t from[DB_ORDER_WORDS];
	struct path path;

	memcpy(from, key, index->words * sizeof *from);
	while (descend(db, index, from, &path)) {
		bool here;

		place->leaf = path.nodes[path.depth - 1];
		place->word = path.words[path.depth - 1];
		place->number = search(index, place->leaf, 0, from, !included);
		here = place->number < count_of(index, place->leaf);
		if (!db_read_same(&place->leaf->latch, place->word))
			continue;
		db_read_note(db, &place->leaf->latch, place->word);
		if (here || !path.bounded)
			return here;
		/* The next leaf begins there. */
		memcpy(from, path.bound, sizeof from);
		included = true;
	}
	return false;
}

/* The entry of a place that was just found; 0 if the leaf has changed. */
static uint32_t read_place(const struct area_index *index, const struct place *place,
			   uint32_t *found)
{
	uint32_t ref;

	db_words_copy_out(found, entry(index, place->leaf, place->number), index->words);
	ref = db_load(value(index, place->leaf, place->number));
	return db_read_same(&place->leaf->latch, place->word) ? ref : 0;
}

uint32_t db_tree_first(struct db *db, const struct area_index *index, const uint32_t *key,
		       bool included, uint32_t *found)
{
	struct place place;
	uint32_t ref = 0;

	while (!ref && find_place(db, index, key, included, &place))
		ref = read_place(index, &place, found);
	return ref;
}

/* The entry behind the cursor's in the same leaf, if nothing has changed there; 0 if there is none.
 * What this transaction has latched it may have changed. */
static uint32_t next_in_leaf(struct db *db, const struct area_index *index,
			     struct db_cursor *cursor, uint32_t *found)
{
	const struct place place = { (struct node *)db_at(db, cursor->leaf), cursor->word,
				     cursor->number + 1 };

	if (!cursor->leaf || db_owns(db, place.word) ||
	    place.number >= count_of(index, place.leaf) ||
	    !db_read_same(&place.leaf->latch, place.word))
		return 0;
	cursor->number++;
	return read_place(index, &place, found);
}

uint32_t db_tree_next(struct db *db, const struct area_index *index, struct db_cursor *cursor,
		      uint32_t *found)
{
	uint32_t ref = next_in_leaf(db, index, cursor, found);
	struct place place;

	while (!ref && find_place(db, index, cursor->last, !cursor->started, &place)) {
		ref = read_place(index, &place, found);
		cursor->leaf = db_ref(db, place.leaf);
		cursor->word = place.word;
		cursor->number = place.number;
	}
	return ref;
}

/* --- changing nodes that are latched --- */

static void set_info(struct db *db, struct node *node, unsigned level, unsigned count)
{
	db_write(db, &node->info, level << LEVEL_SHIFT | count);
}

/* Makes room for an entry, and fills it in. The node is not full. */
static void put_entry(struct db *db, const struct area_index *index, struct node *node,
		      unsigned number, const uint32_t *key, uint32_t ref)
{
	const unsigned count = count_of(index, node), step = stride(index);
	uint32_t *first = entry(index, node, number);

	if (!db_save_words(db, first, (count + 1 - number) * step))
		return;
	for (uint32_t *word = entry(index, node, count); word-- > first;)
		db_store(word + step, *word);
	db_words_copy_in(first, key, index->words);
	db_store(first + index->words, ref);
	set_info(db, node, level_of(node), count + 1);
}

static void take_entry(struct db *db, const struct area_index *index, struct node *node,
		       unsigned number)
{
	const unsigned count = count_of(index, node), step = stride(index);
	uint32_t *first = entry(index, node, number);

	if (!db_save_words(db, first, (count - number) * step))
		return;
	for (uint32_t *word = first; word < entry(index, node, count - 1); word++)
		db_store(word, word[step]);
	set_info(db, node, level_of(node), count - 1);
}

/* A new node with some of another one's entries; NULL with db->error. */
static struct node *copy_part(struct db *db, const struct area_index *index, struct node *node,
			      unsigned from, unsigned to)
{
	const uint32_t ref = db_piece_take(db, DB_NODE_CLASS);
	struct node *part = (struct node *)db_at(db, ref);

	if (!ref)
		return NULL;
	db_words_copy_in(part->words, entry(index, node, from), (to - from) * stride(index));
	db_store(&part->info, level_of(node) << LEVEL_SHIFT | (to - from));
	return part;
}

/* The root's entries go to two new nodes below it. */
static void split_root(struct db *db, const struct area_index *index, struct node *root)
{
	const unsigned count = count_of(index, root), half = count / 2;
	struct node *left = copy_part(db, index, root, 0, half);
	struct node *right = left ? copy_part(db, index, root, half, count) : NULL;

	if (!right || !db_save_words(db, root->words, 2 * stride(index)))
		return;
	db_store(value(index, root, 0), db_ref(db, left));
	db_words_copy_in(entry(index, root, 1), right->words, index->words);
	db_store(value(index, root, 1), db_ref(db, right));
	set_info(db, root, level_of(root) + 1, 2);
}

/* The upper half goes to a new node beside it. */
static void split(struct db *db, const struct area_index *index, struct node *parent,
		  struct node *node)
{
	const unsigned count = count_of(index, node), half = count / 2;
	struct node *right = copy_part(db, index, node, half, count);

	if (!right)
		return;
	set_info(db, node, level_of(node), half);
	put_entry(db, index, parent, search(index, parent, 1, right->words, true), right->words,
		  db_ref(db, right));
}

/* --- inserting --- */

static bool path_latch(struct db *db, const struct path *path, unsigned number)
{
	return db_latch_same(db, &path->nodes[number]->latch, path->words[number]);
}

static bool is_full(const struct area_index *index, const struct path *path, unsigned number)
{
	return count_of(index, path->nodes[number]) == capacity(index);
}

/* Splits the highest of the full nodes that end at the leaf: the one above it is not full. */
static void make_room(struct db *db, const struct area_index *index, const struct path *path)
{
	unsigned number = path->depth - 1;

	while (number > 0 && is_full(index, path, number - 1))
		number--;
	if (!path_latch(db, path, number) || (number && !path_latch(db, path, number - 1)))
		return;
	if (number)
		split(db, index, path->nodes[number - 1], path->nodes[number]);
	else
		split_root(db, index, path->nodes[0]);
}

int db_tree_insert(struct db *db, const struct area_index *index, const uint32_t *key, uint32_t ref)
{
	struct path path;

	while (descend(db, index, key, &path)) {
		const unsigned last = path.depth - 1;
		struct node *leaf = path.nodes[last];
		unsigned number;

		if (is_full(index, &path, last)) {
			make_room(db, index, &path);
			continue;
		}
		if (!path_latch(db, &path, last))
			continue;
		number = search(index, leaf, 0, key, false);
		if (number < count_of(index, leaf) &&
		    compare(entry(index, leaf, number), key, index->words) == 0)
			return -EEXIST;
		put_entry(db, index, leaf, number, key, ref);
		return db->error;
	}
	return db->error;
}

/* --- removing --- */

/* The lowest node above the leaf that has another child, or the root. */
static unsigned lowest_to_keep(const struct area_index *index, const struct path *path)
{
	unsigned number = path->depth - 2;

	while (number > 0 && count_of(index, path->nodes[number]) == 1)
		number--;
	return number;
}

/* The leaf's only entry goes, and with it all nodes that have nothing else. */
static bool remove_leaf(struct db *db, const struct area_index *index, const struct path *path,
			const uint32_t *key)
{
	const unsigned top = lowest_to_keep(index, path);
	struct node *keep = path->nodes[top];

	for (unsigned number = top; number < path->depth; number++)
		if (!path_latch(db, path, number))
			return false;
	if (count_of(index, keep) == 1)
		set_info(db, keep, 0, 0);
	else
		take_entry(db, index, keep, child_of(index, keep, key));
	for (unsigned number = top + 1; number < path->depth; number++)
		db_piece_free(db, DB_NODE_CLASS, db_ref(db, path->nodes[number]));
	return true;
}

static bool remove_entry(struct db *db, const struct area_index *index, const struct path *path,
			 const uint32_t *key)
{
	const unsigned last = path->depth - 1;
	struct node *leaf = path->nodes[last];
	const unsigned number = search(index, leaf, 0, key, false);

	if (!path_latch(db, path, last))
		return false;
	if (number == count_of(index, leaf) ||
	    compare(entry(index, leaf, number), key, index->words) != 0) {
		db->error = -EIO; /* an object without its entry */
		return false;
	}
	if (last > 0 && count_of(index, leaf) == 1)
		return remove_leaf(db, index, path, key);
	take_entry(db, index, leaf, number);
	return true;
}

int db_tree_remove(struct db *db, const struct area_index *index, const uint32_t *key)
{
	struct path path;

	while (descend(db, index, key, &path))
		if (remove_entry(db, index, &path, key))
			break;
	return db->error;
}

/* --- looking at all of it --- */

struct tree_walk {
	const struct db *db;
	const struct area_index *index;
	bool (*visit)(void *context, const uint32_t *key, uint32_t ref);
	void *context;
	int nodes;
};

/* Whether the entries are in order, the first of an inner node left out. */
static bool is_sorted(const struct area_index *index, struct node *node)
{
	for (unsigned i = level_of(node) ? 2 : 1; i < count_of(index, node); i++)
		if (compare(entry(index, node, i - 1), entry(index, node, i), index->words) >= 0)
			return false;
	return true;
}

static bool walk_node(struct tree_walk *walk, struct node *node)
{
	const unsigned level = level_of(node), count = count_of(walk->index, node);

	if (node->latch & DB_OWNER_MASK || !is_sorted(walk->index, node) || (level && !count))
		return false;
	for (unsigned i = 0; i < count; i++) {
		const uint32_t ref = *value(walk->index, node, i);
		struct node *child = (struct node *)db_at(walk->db, ref);

		if (level && (level_of(child) != level - 1 || !walk_node(walk, child)))
			return false;
		if (!level && !walk->visit(walk->context, entry(walk->index, node, i), ref))
			return false;
	}
	walk->nodes++;
	return true;
}

int db_tree_walk(const struct db *db, const struct area_index *index,
		 bool (*visit)(void *context, const uint32_t *key, uint32_t ref), void *context)
{
	struct tree_walk walk = { db, index, visit, context, -1 };

	return walk_node(&walk, root_of(db, index)) ? walk.nodes : -1;
}

/* --- keys --- */

static uint64_t number_in(const unsigned char *bytes, unsigned size)
{
	uint64_t number = 0;

	memcpy(&number, bytes, size); /* the low bytes come first on IA-32 */
	return number;
}

/* Appends the field, the high byte first, so that the bytes compare as what they say. */
static unsigned char *put_field(unsigned char *to, const struct db_field *field, const void *object)
{
	const unsigned char *from = (const unsigned char *)object + field->offset;

	if (field->kind == DB_BYTES) {
		memcpy(to, from, field->size);
	} else if (field->kind == DB_TEXT) {
		memset(to, 0, field->size);
		memcpy(to, from, strnlen((const char *)from, field->size));
	} else {
		const uint64_t number = number_in(from, field->size);

		for (unsigned i = 0; i < field->size; i++)
			to[i] = number >> 8 * (field->size - 1 - i);
	}
	return to + field->size;
}

void db_order_words(const struct area_type *type, const struct area_index *index,
		    const void *object, uint32_t *words)
{
	unsigned char bytes[DB_ORDERED_MAX] = { 0 }, *end = bytes;

	for (unsigned i = 0; i < index->count; i++)
		end = put_field(end, &type->fields[index->fields[i]], object);
	for (unsigned i = 0; i < index->words; i++) {
		memcpy(&words[i], bytes + 4 * i, sizeof words[i]);
		words[i] = __builtin_bswap32(words[i]);
	}
}
