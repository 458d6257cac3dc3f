/*
 * The database of the thesis's cluster (Section 3.2.2), on one node: typed objects in memory that
 * processes share, hash and ordered indexes, transactions on several objects, and a log of what was
 * committed. docs/database.md has the whole, and how replication plugs in.
 *
 *	static const struct db_field fields[] = { DB_FIELD(account, number, DB_U32),
 *						  DB_FIELD(account, sum, DB_U32) };
 *	static const struct db_type types[] = { DB_TYPE(account, fields, .key_size = 4) };
 *	struct db *db = db_open("bank", types, 1, 4 << 20);
 *
 * Functions return 0 or more, or a negative errno value. Within a transaction -EAGAIN says that
 * another one was in the way: it is aborted, and its owner starts it again (db_run() does).
 */
#ifndef CASTLE_DB_H
#define CASTLE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DB_OBJECT_MAX  2048 /* bytes of an object */
#define DB_KEY_MAX     32   /* of its key */
#define DB_ORDERED_MAX 16   /* of the fields of an ordered index together */
#define DB_NAME_MAX    24   /* with the 0 at its end */
#define DB_TYPES       16
#define DB_FIELDS      32 /* of a type */
#define DB_INDEXES     4  /* of a type, beside the one by its key */
#define DB_PARTS       4  /* fields of an ordered index */
#define DB_SLOTS       32 /* handles that are open at once, by all processes */
#define DB_PARTITIONS  1024

/* What a field is. Texts and bytes have any size; a text ends at its first 0 or its last byte. */
enum db_kind { DB_U8, DB_U16, DB_U32, DB_U64, DB_TEXT, DB_BYTES };

struct db_field {
	char name[DB_NAME_MAX];
	uint16_t kind, offset, size;
};

#define DB_FIELD(type, member, kind)                                                             \
	{                                                                                        \
#member, kind, offsetof(struct type, member), sizeof(((struct type *)0)->member) \
	}

/*
 * An index beside that by the key. No two objects may have the same fields. Hash: one field, of a
 * multiple of four bytes. Ordered: up to DB_PARTS fields, of DB_ORDERED_MAX bytes together; by the
 * first, then the second, ….
 */
struct db_index {
	char name[DB_NAME_MAX];
	bool ordered;
	uint8_t count;
	uint8_t fields[DB_PARTS]; /* numbers of fields */
};

struct db;

/*
 * A method: may change `object`; then returns more than 0, and the object is stored. Another
 * value is what db_call() returns.
 */
typedef int db_method(struct db *db, void *object, void *argument);

/*
 * A type: a C structure of a multiple of four bytes whose first `key_size` bytes, a multiple of
 * four, are the key; the first `place_size` of those (0: all) say which partition an object is in.
 */
struct db_type {
	char name[DB_NAME_MAX];
	uint16_t size, key_size, place_size;
	uint32_t expect; /* how many objects the hash tables are made for (0: 1,024) */
	const struct db_field *fields;
	uint32_t field_count;
	const struct db_index *indexes;
	uint32_t index_count;
	db_method *const *methods; /* the program's own: other programs may have others */
	uint32_t method_count;
};

#define DB_TYPE(type, list, ...)                                            \
	{                                                                   \
		.name = #type, .size = sizeof(struct type), .fields = list, \
		.field_count = sizeof(list) / sizeof(list)[0], __VA_ARGS__  \
	}

/*
 * Opens the database of this name, and makes it, of `bytes`, if there is none. A handle is one
 * thread's, and not a child's that fork() makes. Without types (NULL, 0) it opens one that is
 * there. NULL with errno: EINVAL: a type is not as it must be, or the one that is there is another;
 * ENOENT; ENOSPC: `bytes` is too little for the tables; EBUSY: all slots are taken.
 */
struct db *db_open(const char *name, const struct db_type *types, uint32_t count, size_t bytes);

/* Aborts what is open, and gives the slot back. */
void db_close(struct db *db);

/* Takes the name away: the memory goes with the last process that has it open. */
int db_remove(const char *name);

/*
 * A transaction. What its reads have given is a state that the database had at one time only if
 * db_commit() returns 0: before, program text must bear any values. It must not wait for anything.
 * -EAGAIN: nothing has happened; -E2BIG: it was too large (DB_LOCKS latches, DB_UNDO_WORDS).
 */
int db_begin(struct db *db);
int db_commit(struct db *db);
void db_abort(struct db *db);

/*
 * Runs `body` as a transaction, again until it commits, and returns what it returned; if that is
 * negative, the transaction is aborted.
 */
int db_run(struct db *db, int (*body)(struct db *db, void *argument), void *argument);

/* The object of this key. -ENOENT. */
int db_get(struct db *db, uint32_t type, const void *key, void *object);

/* Stores a new one (-EEXIST; of an index, too; -ENOMEM), one that is there (-ENOENT), either. */
int db_insert(struct db *db, uint32_t type, const void *object);
int db_update(struct db *db, uint32_t type, const void *object);
int db_put(struct db *db, uint32_t type, const void *object);
int db_delete(struct db *db, uint32_t type, const void *key);

/* The object whose indexed fields are those of `probe`, a structure of the type. -ENOENT. */
int db_find(struct db *db, uint32_t type, uint32_t index, const void *probe, void *object);

/*
 * Walks through an ordered index, from the fields of `from` to those of `to`, both included: 1 and
 * the next object, or 0 at the end. Objects may be changed and deleted on the way.
 */
struct db_cursor {
	uint32_t type, index;
	uint32_t started, last[DB_ORDERED_MAX / 4], end[DB_ORDERED_MAX / 4];
	uint32_t leaf, word, number; /* where the last one was found */
};

int db_range(struct db *db, uint32_t type, uint32_t index, const void *from, const void *to,
	     struct db_cursor *cursor);
int db_next(struct db *db, struct db_cursor *cursor, void *object);

/* Calls a method of the type on the object of this key, and stores what it changes. -ENOENT,
 * -ENOSYS */
int db_call(struct db *db, uint32_t type, const void *key, uint32_t method, void *argument);

/* --- for replication, backup, restore --- */

/* The partition, below DB_PARTITIONS, that this key belongs to. */
uint32_t db_partition(const struct db *db, uint32_t type, const void *key);

/*
 * A committed transaction in the log: this, and `count` changes behind it, each with its data,
 * the whole object or its key. `sequence` is the new version of all of them, and higher than those
 * of all transactions that this one depends on.
 */
struct db_record {
	uint32_t size; /* of all of it in bytes, a multiple of four */
	uint32_t count;
	uint32_t sequence[2]; /* the low word first */
};

enum db_change_kind { DB_PUT, DB_DELETE };

struct db_change {
	uint16_t type, kind;
	uint32_t size; /* of the data that follow */
};

static inline uint64_t db_sequence(const struct db_record *record)
{
	return record->sequence[1] * 0x100000000ull | record->sequence[0];
}

/* The first change; the one behind `change`. */
static inline const struct db_change *db_record_first(const struct db_record *record)
{
	return (const struct db_change *)(record + 1);
}

static inline const struct db_change *db_change_next(const struct db_change *change)
{
	return (const struct db_change *)((const char *)(change + 1) + change->size);
}

/* Where the log ends now: what a reader starts with, before it looks at any object. */
uint32_t db_log_end(const struct db *db);

/*
 * Copies the record at `position` and moves that behind it: its size, or 0 if nothing more is
 * committed. -EOVERFLOW: it has been overwritten, and the reader must begin anew, by db_scan();
 * -EMSGSIZE: it has more than `room`.
 */
int db_log_read(const struct db *db, uint32_t *position, struct db_record *record, size_t room);

/* The sequence number of the handle's last transaction that changed something. */
uint64_t db_last_sequence(const struct db *db);

/*
 * Does what a record says, as one transaction, object by object where the version here is older.
 * It is not logged here. The record may come from anywhere: -EINVAL if it is none.
 */
int db_apply(struct db *db, const struct db_record *record);

/*
 * Calls `visit` for each object of one partition, or of all (DB_PARTITIONS), as a record of one
 * DB_PUT; ends when that returns other than 0, with that. Each object is as it was at one time, but
 * not all at the same time: what the log has gained since the beginning makes it whole.
 */
int db_scan(struct db *db, uint32_t partition,
	    int (*visit)(void *context, const struct db_record *), void *context);

/*
 * A backup in a file: a state that the database had, with a check sum. -EAGAIN: the log was
 * overwritten meanwhile. Restoring puts every object of the file where there is none that is newer;
 * -EINVAL: the file is damaged, or of other types, and nothing has been done.
 */
int db_save(struct db *db, const char *path);
int db_restore(struct db *db, const char *path);

/* Writes all objects as text, one a line: type, then field=value. */
int db_dump(struct db *db, FILE *stream);

/* How many objects of this type there are, and bytes of memory that no table or object has. */
struct db_counts {
	uint32_t objects[DB_TYPES];
	uint32_t free_bytes;
};
int db_count(struct db *db, struct db_counts *counts);

/*
 * Finishes what processes that are gone were in the middle of; how many slots they had. Others do
 * that when they come to what those held: this is for who does not want to wait for it.
 */
int db_recover(struct db *db);

/*
 * Whether everything hangs together: latches free, objects where their indexes say and nowhere
 * else, trees in order, no memory lost; the number of faults, which `complaints` names. While a
 * transaction runs anywhere there are some.
 */
int db_check(struct db *db, FILE *complaints);

/* The types as the database has them; NULL if there is none of this number. */
const char *db_type_name(const struct db *db, uint32_t type);

#ifdef __cplusplus
}
#endif

#endif
