/*
 * TATP on Castle's database: a type for each table, transactions as they are described.
 */
#include "tatp.h"

#include <castle/cluster.h>
#include <castle/db.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME "tatp"

/* Bytes that a subscriber's rows take with their indexes, and what the database has besides. */
#define BYTES_EACH 900u
#define BYTES_MORE (2u << 20)

static const struct db_field subscriber_fields[] = {
	DB_FIELD(subscriber, s_id, DB_U32),         DB_FIELD(subscriber, sub_nbr, DB_TEXT),
	DB_FIELD(subscriber, bits, DB_BYTES),       DB_FIELD(subscriber, hexes, DB_BYTES),
	DB_FIELD(subscriber, bytes, DB_BYTES),      DB_FIELD(subscriber, msc_location, DB_U32),
	DB_FIELD(subscriber, vlr_location, DB_U32),
};

static const struct db_field access_info_fields[] = {
	DB_FIELD(access_info, s_id, DB_U32),   DB_FIELD(access_info, ai_type, DB_U8),
	DB_FIELD(access_info, data1, DB_U8),   DB_FIELD(access_info, data2, DB_U8),
	DB_FIELD(access_info, data3, DB_TEXT), DB_FIELD(access_info, data4, DB_TEXT),
};

static const struct db_field special_facility_fields[] = {
	DB_FIELD(special_facility, s_id, DB_U32),
	DB_FIELD(special_facility, sf_type, DB_U8),
	DB_FIELD(special_facility, is_active, DB_U8),
	DB_FIELD(special_facility, error_cntrl, DB_U8),
	DB_FIELD(special_facility, data_a, DB_U8),
	DB_FIELD(special_facility, data_b, DB_TEXT),
};

static const struct db_field call_forwarding_fields[] = {
	DB_FIELD(call_forwarding, s_id, DB_U32),      DB_FIELD(call_forwarding, sf_type, DB_U8),
	DB_FIELD(call_forwarding, start_time, DB_U8), DB_FIELD(call_forwarding, end_time, DB_U8),
	DB_FIELD(call_forwarding, numberx, DB_TEXT),
};

/* Each type's only index beside that by the key. */
#define BY_NUMBER 0
#define IN_ORDER  0

static const struct db_index by_number[] = { { "sub_nbr", false, 1, { 1 } } };
static const struct db_index facilities_in_order[] = { { "order", true, 2, { 0, 1 } } };
static const struct db_index forwardings_in_order[] = { { "order", true, 3, { 0, 1, 2 } } };

/* All of a subscriber's rows are in one partition. */
#define TABLE(row, list, ...) DB_TYPE(row, list, .place_size = 4, __VA_ARGS__)

static struct db_type types[TABLES] = {
	TABLE(subscriber, subscriber_fields, .key_size = 4, .indexes = by_number, .index_count = 1),
	TABLE(access_info, access_info_fields, .key_size = 8),
	TABLE(special_facility, special_facility_fields, .key_size = 8,
	      .indexes = facilities_in_order, .index_count = 1),
	TABLE(call_forwarding, call_forwarding_fields, .key_size = 8,
	      .indexes = forwardings_in_order, .index_count = 1),
};

static struct db *db;

/* Of a replicated database. */
static uint32_t together, done; /* transactions between two waits; since the last wait */
static uint64_t since;          /* when the first of them began, or before */

#define LOOK_US        50000
#define ADDED_TOGETHER 50

/* Until this node leads. Another one's leader has its end told by the others. */
static void wait_to_lead(void)
{
	bool follows = false;

	for (;; usleep(LOOK_US)) {
		struct castle_replica now;
		if (castle_replica(&now) != 0)
			continue;
		if (now.role == CASTLE_REPLICA_LEADS)
			break;
		if (follows && !now.leader)
			exit(0);
		follows |= now.leader && now.leader != now.own;
	}
	since = castle_replica_now();
}

/* After a transaction, for its result: waits, if it is the last of so many. */
static int settle(int result, uint32_t many)
{
	struct castle_replica now;

	if (!together || ++done < many)
		return result;
	done = 0;
	if (castle_replica(&now) != 0 ||
	    castle_replica_wait(&now, db_last_sequence(db), since) != 0)
		return -errno;
	since = castle_replica_now();
	return result;
}

int store_make(const struct tatp_settings *settings)
{
	db_remove(NAME);
	types[SUBSCRIBER].expect = settings->subscribers;
	types[ACCESS_INFO].expect = types[SPECIAL_FACILITY].expect = 5 * settings->subscribers / 2;
	types[CALL_FORWARDING].expect = 15 * settings->subscribers / 4;
	db = db_open(NAME, types, TABLES, BYTES_MORE + BYTES_EACH * settings->subscribers);
	if (!db)
		return -errno;
	if (settings->together)
		wait_to_lead();
	together = settings->together;
	return 0;
}

int store_open(void)
{
	db = db_open(NAME, types, TABLES, 0);
	return db ? 0 : -errno;
}

void store_remove(void)
{
	db_close(db);
	db_remove(NAME);
}

int store_add(enum table table, const void *row)
{
	int error = db_begin(db);

	if (!error)
		error = db_insert(db, table, row);
	return error ? error : settle(db_commit(db), ADDED_TOGETHER);
}

/* --- transactions --- */

/* Commits what was done, runs it again if another transaction was in the way; a store's result. */
#define RUN(body, argument) result_of(db_run(db, body, argument))

static int result_of(int error)
{
	if (error == -ENOENT || error == -EEXIST)
		return settle(0, together);
	return error < 0 ? error : settle(1, together);
}

/* A row's key, and the row. */
struct lookup {
	const void *key;
	void *row;
};

static int get_subscriber(struct db *database, void *argument)
{
	const struct lookup *lookup = argument;

	return db_get(database, SUBSCRIBER, lookup->key, lookup->row);
}

int store_get_subscriber_data(uint32_t s_id, struct subscriber *row)
{
	return RUN(get_subscriber, (&(struct lookup){ &s_id, row }));
}

static int get_access(struct db *database, void *argument)
{
	const struct lookup *lookup = argument;

	return db_get(database, ACCESS_INFO, lookup->key, lookup->row);
}

int store_get_access_data(uint32_t s_id, uint8_t ai_type, struct access_info *row)
{
	const struct access_info key = { .s_id = s_id, .ai_type = ai_type };

	return RUN(get_access, (&(struct lookup){ &key, row }));
}

struct destination {
	uint32_t s_id;
	uint8_t sf_type, start_time, end_time;
	char *numberx;
};

/* The first that has begun by the one time and goes on after the other. */
static int find_destination(struct db *database, const struct destination *wanted)
{
	struct call_forwarding from = { .s_id = wanted->s_id, .sf_type = wanted->sf_type },
			       to = from;
	struct call_forwarding row;
	struct db_cursor cursor;
	int result;

	to.start_time = wanted->start_time;
	result = db_range(database, CALL_FORWARDING, IN_ORDER, &from, &to, &cursor);
	while (!result && (result = db_next(database, &cursor, &row)) == 1) {
		if (wanted->end_time < row.end_time) {
			memcpy(wanted->numberx, row.numberx, sizeof row.numberx);
			return 1;
		}
		result = 0;
	}
	return result ? result : -ENOENT;
}

static int get_destination(struct db *database, void *argument)
{
	const struct destination *wanted = argument;
	struct special_facility facility = { .s_id = wanted->s_id, .sf_type = wanted->sf_type };
	const int error = db_get(database, SPECIAL_FACILITY, &facility, &facility);

	if (error)
		return error;
	return facility.is_active ? find_destination(database, wanted) : -ENOENT;
}

int store_get_new_destination(uint32_t s_id, uint8_t sf_type, uint8_t start_time, uint8_t end_time,
			      char numberx[TATP_NUMBER])
{
	return RUN(get_destination,
		   (&(struct destination){ s_id, sf_type, start_time, end_time, numberx }));
}

struct subscriber_update {
	uint32_t s_id;
	uint8_t bit_1, sf_type, data_a;
};

static int update_subscriber(struct db *database, void *argument)
{
	const struct subscriber_update *update = argument;
	struct special_facility facility = { .s_id = update->s_id, .sf_type = update->sf_type };
	struct subscriber subscriber;
	int error = db_get(database, SUBSCRIBER, &update->s_id, &subscriber);

	if (error)
		return error;
	subscriber.bits[0] = update->bit_1;
	error = db_update(database, SUBSCRIBER, &subscriber);
	if (!error)
		error = db_get(database, SPECIAL_FACILITY, &facility, &facility);
	if (error)
		return error;
	facility.data_a = update->data_a;
	return db_update(database, SPECIAL_FACILITY, &facility);
}

int store_update_subscriber_data(uint32_t s_id, uint8_t bit_1, uint8_t sf_type, uint8_t data_a)
{
	return RUN(update_subscriber,
		   (&(struct subscriber_update){ s_id, bit_1, sf_type, data_a }));
}

static int find_number(struct db *database, const char *sub_nbr, struct subscriber *subscriber)
{
	memcpy(subscriber->sub_nbr, sub_nbr, sizeof subscriber->sub_nbr);
	return db_find(database, SUBSCRIBER, BY_NUMBER, subscriber, subscriber);
}

struct location_update {
	const char *sub_nbr;
	uint32_t vlr_location;
};

static int update_location(struct db *database, void *argument)
{
	const struct location_update *update = argument;
	struct subscriber subscriber;
	const int error = find_number(database, update->sub_nbr, &subscriber);

	if (error)
		return error;
	subscriber.vlr_location = update->vlr_location;
	return db_update(database, SUBSCRIBER, &subscriber);
}

int store_update_location(const char sub_nbr[TATP_NUMBER], uint32_t vlr_location)
{
	return RUN(update_location, (&(struct location_update){ sub_nbr, vlr_location }));
}

struct forwarding_change {
	const char *sub_nbr;
	struct call_forwarding row;
};

/* Reads the types of all of a subscriber's facilities; -ENOENT if this one is not among them. */
static int find_facility(struct db *database, uint32_t s_id, uint8_t sf_type)
{
	const struct special_facility from = { .s_id = s_id };
	const struct special_facility to = { .s_id = s_id, .sf_type = UINT8_MAX };
	struct special_facility row;
	struct db_cursor cursor;
	bool found = false;
	int result = db_range(database, SPECIAL_FACILITY, IN_ORDER, &from, &to, &cursor);

	while (!result && (result = db_next(database, &cursor, &row)) == 1) {
		found |= row.sf_type == sf_type;
		result = 0;
	}
	return result ? result : found ? 0 : -ENOENT;
}

static int insert_forwarding(struct db *database, void *argument)
{
	struct forwarding_change *change = argument;
	struct subscriber subscriber;
	int error = find_number(database, change->sub_nbr, &subscriber);

	if (!error)
		error = find_facility(database, subscriber.s_id, change->row.sf_type);
	if (error)
		return error;
	change->row.s_id = subscriber.s_id;
	return db_insert(database, CALL_FORWARDING, &change->row);
}

int store_insert_call_forwarding(const char sub_nbr[TATP_NUMBER], const struct call_forwarding *row)
{
	return RUN(insert_forwarding, (&(struct forwarding_change){ sub_nbr, *row }));
}

static int delete_forwarding(struct db *database, void *argument)
{
	struct forwarding_change *change = argument;
	struct subscriber subscriber;
	const int error = find_number(database, change->sub_nbr, &subscriber);

	if (error)
		return error;
	change->row.s_id = subscriber.s_id;
	return db_delete(database, CALL_FORWARDING, &change->row);
}

int store_delete_call_forwarding(const char sub_nbr[TATP_NUMBER], uint8_t sf_type,
				 uint8_t start_time)
{
	return RUN(delete_forwarding,
		   (&(struct forwarding_change){
			   sub_nbr, { .sf_type = sf_type, .start_time = start_time } }));
}

/* --- looking at all --- */

struct visitor {
	int (*visit)(void *context, enum table table, const void *row);
	void *context;
};

static int visit_record(void *context, const struct db_record *record)
{
	const struct visitor *visitor = context;
	const struct db_change *change = db_record_first(record);

	return visitor->visit(visitor->context, change->type, change + 1);
}

int store_visit(int (*visit)(void *context, enum table table, const void *row), void *context)
{
	return db_scan(db, DB_PARTITIONS, visit_record, &(struct visitor){ visit, context });
}

static int get_facility(struct db *database, void *argument)
{
	struct special_facility *facility = argument;

	return db_get(database, SPECIAL_FACILITY, facility, facility);
}

int store_has_facility(uint32_t s_id, uint8_t sf_type)
{
	return RUN(get_facility, (&(struct special_facility){ .s_id = s_id, .sf_type = sf_type }));
}

static int get_by_number(struct db *database, void *argument)
{
	struct subscriber *subscriber = argument;

	return db_find(database, SUBSCRIBER, BY_NUMBER, subscriber, subscriber);
}

int store_has_number(const char sub_nbr[TATP_NUMBER], uint32_t s_id)
{
	struct subscriber subscriber = { 0 };

	memcpy(subscriber.sub_nbr, sub_nbr, sizeof subscriber.sub_nbr);
	return RUN(get_by_number, &subscriber) == 1 && subscriber.s_id == s_id;
}

int store_check(void)
{
	return db_check(db, stdout);
}
