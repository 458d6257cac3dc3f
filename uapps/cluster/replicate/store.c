/*
 * The database of this node, as replication sees it: records of its log, and all of its objects.
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../../db/area.h"
#include "replicate.h"

#define WAIT_US 100000

static struct db *db;
static uint32_t position; /* in the log */
static union {
	struct db_record record;
	uint8_t bytes[DB_RECORD_MAX];
} buffer;

/* Objects as records, one behind the other. */
struct objects {
	uint8_t *bytes;
	uint32_t size, room;
};

static int add_object(void *context, const struct db_record *record)
{
	struct objects *all = context;

	if (all->size + record->size > all->room) {
		all->room = 2 * (all->size + record->size);
		all->bytes = realloc(all->bytes, all->room);
		if (!all->bytes)
			err(1, "all objects");
	}
	memcpy(all->bytes + all->size, record, record->size);
	all->size += record->size;
	return 0;
}

static uint8_t *copy(struct replica *replica, uint32_t *size)
{
	struct objects all = { .bytes = malloc(4), .room = 4 };
	int error;

	(void)replica;
	do {
		all.size = 0;
		error = db_scan(db, DB_PARTITIONS, add_object, &all);
	} while (error == -EAGAIN);
	if (error)
		errx(1, "scan: %s", strerror(-error));
	*size = all.size;
	return all.bytes;
}

static uint64_t apply(struct replica *replica, const void *data, uint32_t size)
{
	int error;

	(void)replica;
	if (size < sizeof buffer.record || size > sizeof buffer)
		return 0;
	memcpy(&buffer, data, size);
	do
		error = buffer.record.size == size ? db_apply(db, &buffer.record) : -EINVAL;
	while (error == -EAGAIN);
	/* Without it this node is no copy any more: it starts anew, and is filled. */
	if (error)
		errx(1, "a record: %s", strerror(-error));
	return db_sequence(&buffer.record);
}

/* Takes an object away, by a record that is newer. */
static void take_away(const struct db_record *object)
{
	const struct db_change *put = db_record_first(object);
	const uint32_t size = 4u * db->area->types[put->type].key_words;
	struct db_change *change = (struct db_change *)(&buffer.record + 1);

	buffer.record =
		(struct db_record){ .size = sizeof *object + sizeof *put + size,
				    .count = 1,
				    .sequence = { object->sequence[0] + 1, object->sequence[1] } };
	buffer.record.sequence[1] += !buffer.record.sequence[0];
	*change = (struct db_change){ .type = put->type, .kind = DB_DELETE, .size = size };
	memcpy(change + 1, put + 1, size);
	db_apply(db, &buffer.record);
}

static void load(struct replica *replica, const uint8_t *objects, uint32_t size)
{
	uint32_t old_size;
	uint8_t *old = copy(replica, &old_size);

	for (uint32_t at = 0; at < old_size;) {
		const struct db_record *record = (const void *)(old + at);
		take_away(record);
		at += record->size;
	}
	free(old);
	for (uint32_t at = 0; at + sizeof(struct db_record) <= size;) {
		const struct db_record *record = (const void *)(objects + at);
		if (record->size < sizeof *record || record->size > size - at)
			return;
		apply(replica, record, record->size);
		at += record->size;
	}
	position = db_log_end(db);
}

void store_read_log(struct replica *replica)
{
	int size;

	while ((size = db_log_read(db, &position, &buffer.record, sizeof buffer)) > 0) {
		if (replica->role != REPLICA_LEADER)
			break;
		replica_add(replica, &buffer, size, db_sequence(&buffer.record));
	}
	if (size == 0)
		return;
	/* A program that is not entitled to has changed something, or too much came at once. */
	printf("replicate: this copy has changed by itself, and is filled anew\n");
	fflush(stdout);
	position = db_log_end(db);
	replica_spoilt(replica, wires_now());
}

void store_open(struct replica *replica, const char *name)
{
	while (!(db = db_open(name, NULL, 0, 0)))
		usleep(WAIT_US);
	position = db_log_end(db);
	replica->apply = apply;
	replica->copy = copy;
	replica->load = load;
}
