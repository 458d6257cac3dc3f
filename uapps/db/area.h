/*
 * The memory that the processes of a database share, and the handle that each of their threads has.
 * Whatever lies there is named by its distance from the area's beginning (a "ref", in bytes, a
 * multiple of four; 0 is none), since each process has it mapped elsewhere.
 *
 * A process can be killed between any two instructions. What holds then:
 * - A latch has its holder's slot in it, and stands in that slot's list before it is taken.
 * - The old content of a word stands in the slot's undo list before the word is written.
 * - A transaction is committed by one store, of DB_COMMITTED into its slot's state.
 * - A slot is its process's while that has the record lock on the file's byte of the slot's number,
 *   which the kernel takes back, whatever the process dies of. Whoever gets that lock instead
 *   finishes what the slot says: recover.c.
 */
#ifndef UAPPS_DB_AREA_H
#define UAPPS_DB_AREA_H

#include <castle/db.h>
#include <string.h>

#define DB_CLASSES     (DB_TYPES + 1)
#define DB_NODE_CLASS  DB_TYPES
#define DB_NODE_BYTES  256
#define DB_BATCH       16 /* pieces of a list that goes around */
#define DB_UNDO_WORDS  8192
#define DB_LOCKS       256
#define DB_LOG_BYTES   0x40000 /* a power of two */
#define DB_RECORD_MAX  (DB_LOG_BYTES / 4)
#define DB_KEY_WORDS   (DB_KEY_MAX / 4)
#define DB_ORDER_WORDS (DB_ORDERED_MAX / 4)

/* Objects are seen as words and as what their programs make of them. */
typedef uint32_t __attribute__((may_alias)) db_word;

enum slot_state { DB_IDLE, DB_ACTIVE, DB_COMMITTED, DB_UNDONE };

/* A list of free pieces of a class. */
struct free_list {
	uint32_t head, count;
};

struct slot {
	uint32_t state;
	uint32_t lock_count, undo_used;
	uint32_t log_end, sequence[2]; /* what the log gets if the slot dies in DB_COMMITTED */
	struct free_list free[DB_CLASSES];
	uint32_t locks[DB_LOCKS];
	uint32_t undo[DB_UNDO_WORDS];
} __attribute__((aligned(64)));

/* What an object begins with; links of its hash chains and its data follow. */
struct object {
	uint32_t version[2];
	uint32_t bucket; /* of its key: the latch of the whole object; 0: it is free */
	uint32_t link[];
};

/* The latch of a chain of objects, and of these objects if the chain is that of the keys. */
struct bucket {
	uint32_t latch, first;
};

struct area_index {
	char name[DB_NAME_MAX];
	uint8_t ordered, count, fields[DB_PARTS];
	uint16_t offset; /* hash: of the field within the data */
	uint16_t words;  /* of what is looked up */
	uint32_t link;   /* hash: which of an object's links */
	uint32_t table;  /* hash: the buckets; ordered: the root */
	uint32_t mask;   /* hash: one less than there are buckets */
};

struct area_type {
	char name[DB_NAME_MAX];
	uint16_t size, key_words, place_words;
	uint16_t links; /* hash indexes, that by the key included */
	uint32_t data;  /* where an object's data begin */
	uint32_t field_count, index_count;
	struct db_field fields[DB_FIELDS];
	struct area_index key, indexes[DB_INDEXES];
};

/* Pieces of one size. A free one has its list's link at `link`, and the next list's at `chain`. */
struct piece_class {
	uint32_t size, link, chain;
	struct free_list lists; /* of full lists, under the allocator's latch */
};

struct log {
	uint32_t latch; /* the holder's slot, plus one, or 0 */
	uint32_t end; /* behind the last record; positions count on and are taken modulo the ring */
	uint32_t reserved; /* behind what is being written */
	uint32_t sequence[2];
	uint32_t ring[DB_LOG_BYTES / 4];
};

struct area {
	uint32_t magic; /* the last word to be written when it is made */
	uint32_t size;
	uint32_t type_count;
	uint32_t allocator; /* a latch */
	uint32_t used;      /* from here on nothing is anything's yet */
	uint32_t pieces;    /* where tables end, and pieces begin */
	struct piece_class classes[DB_CLASSES];
	struct area_type types[DB_TYPES];
	struct slot slots[DB_SLOTS];
	struct log log __attribute__((aligned(64)));
};

/* The area as a process has it mapped; its handles share it. */
struct mapping {
	struct mapping *next;
	char name[64];
	struct area *area;
	int fd;
	int pid;
	uint32_t own_slots; /* bits */
};

struct read {
	uint32_t latch, word;
};

struct change {
	uint32_t type, ref, kind;
};

struct db {
	struct area *area;
	struct slot *slot;
	struct mapping *mapping;
	const struct db_type *types; /* for methods */
	uint32_t owner;              /* the slot's number, plus one */
	int error;                   /* why the transaction cannot commit */
	bool quiet;                  /* it is not logged, and ... */
	uint32_t forced[2];          /* ... versions are these */
	uint32_t read_count, read_room;
	struct read *reads;
	uint32_t change_count, free_count;
	struct change changes[DB_LOCKS];
	struct change frees[DB_LOCKS];
	uint32_t backoff;
	uint32_t last[2]; /* the sequence number of the last change */
};

#define DB_OWNER_MASK   0xffu
#define DB_VERSION_STEP 0x100u

/* Words that others may write meanwhile. All but the plain kind keep their order on IA-32 as is. */
static inline uint32_t db_load(const uint32_t *word)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static inline void db_store(uint32_t *word, uint32_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
}

/* Copies words that others may read or write meanwhile. */
static inline void db_words_copy_in(uint32_t *to, const void *from, uint32_t count)
{
	const db_word *words = (const db_word *)from;

	for (uint32_t i = 0; i < count; i++)
		db_store(to + i, words[i]);
}

static inline void db_words_copy_out(void *to, const uint32_t *from, uint32_t count)
{
	db_word *words = (db_word *)to;

	for (uint32_t i = 0; i < count; i++)
		words[i] = db_load(from + i);
}

static inline uint32_t *db_at(const struct db *db, uint32_t ref)
{
	return (uint32_t *)((char *)db->area + ref);
}

static inline struct object *db_object(const struct db *db, uint32_t ref)
{
	return (struct object *)db_at(db, ref);
}

static inline uint32_t db_ref(const struct db *db, const void *memory)
{
	return (const char *)memory - (const char *)db->area;
}

static inline bool db_owns(const struct db *db, uint32_t latch_word)
{
	return (latch_word & DB_OWNER_MASK) == db->owner;
}

/* --- map.c: processes, mappings, slots --- */

/*
 * Whether the process of this slot is gone. If so, what it was in the middle of has been finished.
 * Costs two calls of the kernel.
 */
bool db_slot_recover(struct mapping *mapping, uint32_t slot);

/* --- recover.c --- */

/* Puts back what the slot's transaction has written. Can be done any number of times. */
void db_slot_undo(struct area *area, struct slot *slot);

/* Lets everything go that the slot holds; its transaction is committed, or undone. */
void db_slot_release(struct area *area, struct slot *slot);

/* --- latch.c --- */

/*
 * The latch's word once it is not another one's, to be given to db_read_note(). Sets db->error if
 * that does not come about.
 */
uint32_t db_read_begin(struct db *db, const uint32_t *latch);

/* Whether nothing under the latch can have changed since. */
static inline bool db_read_same(const uint32_t *latch, uint32_t word)
{
	return db_load(latch) == word;
}

/* The transaction depends on it. */
void db_read_note(struct db *db, const uint32_t *latch, uint32_t word);

/* Whether all that was read is as it was. */
bool db_reads_hold(const struct db *db);

/* Takes the latch until the transaction ends; 0 or db->error. */
int db_latch(struct db *db, uint32_t *latch);

/* Takes it if its word is still this one; false if not. */
bool db_latch_same(struct db *db, uint32_t *latch, uint32_t word);

/* Waits for a while until the word is another one; `holder` is the slot that has the latch. */
int db_latch_wait(struct db *db, const uint32_t *latch, uint32_t word, bool patient);

/* --- write.c: words under latches that are held --- */

/* Remembers what is there; false, with db->error, if there is no room. */
bool db_save_words(struct db *db, const uint32_t *words, uint32_t count);

/* Remembers, and writes. */
void db_write(struct db *db, uint32_t *word, uint32_t value);

/* --- pieces.c: memory --- */

/* A piece of the class, of any content; 0 with db->error. Until it is linked, it is written freely.
 */
uint32_t db_piece_take(struct db *db, uint32_t class);

/* Gives it back when the transaction commits. */
void db_piece_free(struct db *db, uint32_t class, uint32_t ref);

/* Does that, before the commit. */
void db_pieces_give_back(struct db *db);

/* --- hash.c --- */

uint32_t db_hash(const db_word *key, uint32_t words);

struct bucket *db_bucket(const struct db *db, const struct area_index *index, const db_word *key);

/* The object with this key in a chain, or 0, or anything if the latch's word is not `word` then. */
uint32_t db_chain_find(const struct db *db, const struct area_type *type,
		       const struct area_index *index, const struct bucket *bucket, uint32_t word,
		       const db_word *key);

/* Both with the bucket's latch held. */
void db_chain_insert(struct db *db, struct bucket *bucket, uint32_t link, uint32_t ref);
void db_chain_remove(struct db *db, struct bucket *bucket, uint32_t link, uint32_t ref);

/* --- tree.c --- */

/* The fields of an object as words that compare as numbers do, the first one first. */
void db_order_words(const struct area_type *type, const struct area_index *index,
		    const void *object, uint32_t *words);

/* 0, -EEXIST, or db->error. */
int db_tree_insert(struct db *db, const struct area_index *index, const uint32_t *key,
		   uint32_t ref);
int db_tree_remove(struct db *db, const struct area_index *index, const uint32_t *key);

/* The first entry at `key` or (unless `included`) behind it: its ref and its key, or 0. */
uint32_t db_tree_first(struct db *db, const struct area_index *index, const uint32_t *key,
		       bool included, uint32_t *found);

/* The first entry at the cursor's last key, or behind it if the cursor has started. */
uint32_t db_tree_next(struct db *db, const struct area_index *index, struct db_cursor *cursor,
		      uint32_t *found);

/*
 * Calls `visit` for each entry of the tree, in order; returns how many nodes there are below the
 * root, or -1 if the tree is none. Nobody may change it meanwhile.
 */
int db_tree_walk(const struct db *db, const struct area_index *index,
		 bool (*visit)(void *context, const uint32_t *key, uint32_t ref), void *context);

/* --- log.c --- */

/* Commits the transaction, whose latches are held and whose reads hold. 0 or -E2BIG. */
int db_log_commit(struct db *db);

/* --- layout.c --- */

/* Makes the tables of a fresh area of zeros, but for its magic. 0, -EINVAL, -ENOSPC. */
int db_area_make(struct area *area, const struct db_type *types, uint32_t count, uint32_t size);

/* Whether the area has these types. */
bool db_area_fits(const struct area *area, const struct db_type *types, uint32_t count);

#endif
