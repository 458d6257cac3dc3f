/*
 * TATP on SQLite, in memory, the way its makers say is fast: statements prepared once, tables that
 * are their own index where the key has two parts. What it is compared with is uapps/tatp/store.c;
 * the workload and the main program are the same.
 */
#include "../../../uapps/tatp/tatp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "sqlite3.h"

#define COLUMNS_10(name)                                                                  \
	name "_1," name "_2," name "_3," name "_4," name "_5," name "_6," name "_7," name \
	     "_8," name "_9," name "_10"

#define SUBSCRIBER_COLUMNS                                                      \
	"s_id,sub_nbr," COLUMNS_10("bit") "," COLUMNS_10("hex") "," COLUMNS_10( \
		"byte2") ",msc_location,vlr_location"
#define TEN_PLACES "?,?,?,?,?,?,?,?,?,?"

static const char tables[] =
	"CREATE TABLE subscriber(s_id INTEGER PRIMARY KEY, sub_nbr TEXT NOT NULL UNIQUE,"
	" bit_1 INT,bit_2 INT,bit_3 INT,bit_4 INT,bit_5 INT,bit_6 INT,bit_7 INT,bit_8 INT,bit_9 "
	"INT,bit_10 INT,"
	" hex_1 INT,hex_2 INT,hex_3 INT,hex_4 INT,hex_5 INT,hex_6 INT,hex_7 INT,hex_8 INT,hex_9 "
	"INT,hex_10 INT,"
	" byte2_1 INT,byte2_2 INT,byte2_3 INT,byte2_4 INT,byte2_5 INT,byte2_6 INT,byte2_7 "
	"INT,byte2_8 INT,"
	" byte2_9 INT,byte2_10 INT, msc_location INT, vlr_location INT);"
	"CREATE TABLE access_info(s_id INT, ai_type INT, data1 INT, data2 INT, data3 TEXT, data4 "
	"TEXT,"
	" PRIMARY KEY(s_id, ai_type)) WITHOUT ROWID;"
	"CREATE TABLE special_facility(s_id INT, sf_type INT, is_active INT, error_cntrl INT, "
	"data_a INT, data_b TEXT,"
	" PRIMARY KEY(s_id, sf_type)) WITHOUT ROWID;"
	"CREATE TABLE call_forwarding(s_id INT, sf_type INT, start_time INT, end_time INT, numberx "
	"TEXT,"
	" PRIMARY KEY(s_id, sf_type, start_time)) WITHOUT ROWID;";

enum statement {
	BEGIN,
	COMMIT,
	ROLLBACK,
	ADD_SUBSCRIBER,
	ADD_ACCESS,
	ADD_FACILITY,
	ADD_FORWARDING,
	SELECT_SUBSCRIBER,
	SELECT_DESTINATION,
	SELECT_ACCESS,
	UPDATE_BIT,
	UPDATE_DATA,
	UPDATE_VLR,
	SELECT_NUMBER,
	SELECT_TYPES,
	DELETE_FORWARDING,
	ALL_SUBSCRIBERS,
	ALL_ACCESS,
	ALL_FACILITIES,
	ALL_FORWARDINGS,
	HAS_FACILITY,
	STATEMENTS
};

static const char *const texts[STATEMENTS] = {
	[BEGIN] = "BEGIN",
	[COMMIT] = "COMMIT",
	[ROLLBACK] = "ROLLBACK",
	[ADD_SUBSCRIBER] = "INSERT INTO subscriber VALUES(?,?," TEN_PLACES "," TEN_PLACES
			   "," TEN_PLACES ",?,?)",
	[ADD_ACCESS] = "INSERT INTO access_info VALUES(?,?,?,?,?,?)",
	[ADD_FACILITY] = "INSERT INTO special_facility VALUES(?,?,?,?,?,?)",
	[ADD_FORWARDING] = "INSERT INTO call_forwarding VALUES(?,?,?,?,?)",
	[SELECT_SUBSCRIBER] = "SELECT " SUBSCRIBER_COLUMNS " FROM subscriber WHERE s_id=?",
	[SELECT_DESTINATION] =
		"SELECT cf.numberx FROM special_facility AS sf, call_forwarding AS cf"
		" WHERE sf.s_id=? AND sf.sf_type=? AND sf.is_active=1 AND cf.s_id=sf.s_id"
		" AND cf.sf_type=sf.sf_type AND cf.start_time<=? AND ?<cf.end_time",
	[SELECT_ACCESS] =
		"SELECT data1,data2,data3,data4 FROM access_info WHERE s_id=? AND ai_type=?",
	[UPDATE_BIT] = "UPDATE subscriber SET bit_1=? WHERE s_id=?",
	[UPDATE_DATA] = "UPDATE special_facility SET data_a=? WHERE s_id=? AND sf_type=?",
	[UPDATE_VLR] = "UPDATE subscriber SET vlr_location=? WHERE sub_nbr=?",
	[SELECT_NUMBER] = "SELECT s_id FROM subscriber WHERE sub_nbr=?",
	[SELECT_TYPES] = "SELECT sf_type FROM special_facility WHERE s_id=?",
	[DELETE_FORWARDING] =
		"DELETE FROM call_forwarding WHERE s_id=? AND sf_type=? AND start_time=?",
	[ALL_SUBSCRIBERS] = "SELECT " SUBSCRIBER_COLUMNS " FROM subscriber",
	[ALL_ACCESS] = "SELECT s_id,ai_type,data1,data2,data3,data4 FROM access_info",
	[ALL_FACILITIES] =
		"SELECT s_id,sf_type,is_active,error_cntrl,data_a,data_b FROM special_facility",
	[ALL_FORWARDINGS] = "SELECT s_id,sf_type,start_time,end_time,numberx FROM call_forwarding",
	[HAS_FACILITY] = "SELECT 1 FROM special_facility WHERE s_id=? AND sf_type=?",
};

static sqlite3 *db;
static sqlite3_stmt *statements[STATEMENTS];

/* --- statements --- */

/* Numbers are not negative; SQLite's are signed, and of 64 bits where they must be. */
static void bind(enum statement statement, int place, uint32_t number)
{
	sqlite3_bind_int64(statements[statement], place, number);
}

/* The text lives until the statement is done. */
static void bind_text(enum statement statement, int place, const char *text, int size)
{
	sqlite3_bind_text(statements[statement], place, text, size, SQLITE_STATIC);
}

static int failed(void)
{
	fprintf(stderr, "tatp: %s\n", sqlite3_errmsg(db));
	return -EIO;
}

/* One that gives no rows: 0 or an error; -EEXIST for a key that is there. */
static int execute(enum statement statement)
{
	const int result = sqlite3_step(statements[statement]);

	sqlite3_reset(statements[statement]);
	if (result == SQLITE_DONE)
		return 0;
	return result == SQLITE_CONSTRAINT ? -EEXIST : failed();
}

/* The next row: 1, 0 at the end, when the statement has been reset, or an error. */
static int next(enum statement statement)
{
	const int result = sqlite3_step(statements[statement]);

	if (result == SQLITE_ROW)
		return 1;
	sqlite3_reset(statements[statement]);
	return result == SQLITE_DONE ? 0 : failed();
}

static void done(enum statement statement)
{
	sqlite3_reset(statements[statement]);
}

static uint32_t column(enum statement statement, int number)
{
	return sqlite3_column_int64(statements[statement], number);
}

static void column_text(enum statement statement, int number, char *text, size_t size)
{
	memcpy(text, sqlite3_column_text(statements[statement], number), size);
}

/* --- making it --- */

int store_make(const struct tatp_settings *settings)
{
	if (settings->processes != 1) {
		fprintf(stderr, "tatp: SQLite's :memory: is one process's\n");
		return -EINVAL;
	}
	if (sqlite3_open(":memory:", &db) != SQLITE_OK ||
	    sqlite3_exec(db, tables, NULL, NULL, NULL) != SQLITE_OK)
		return failed();
	for (int i = 0; i < STATEMENTS; i++)
		if (sqlite3_prepare_v3(db, texts[i], -1, SQLITE_PREPARE_PERSISTENT, &statements[i],
				       NULL) != SQLITE_OK)
			return failed();
	return 0;
}

int store_open(void)
{
	return -ENOSYS;
}

void store_remove(void)
{
	for (int i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(statements[i]);
	sqlite3_close(db);
}

static int add_subscriber(const struct subscriber *row)
{
	bind(ADD_SUBSCRIBER, 1, row->s_id);
	bind_text(ADD_SUBSCRIBER, 2, row->sub_nbr, TATP_NUMBER - 1);
	for (int i = 0; i < 10; i++) {
		bind(ADD_SUBSCRIBER, 3 + i, row->bits[i]);
		bind(ADD_SUBSCRIBER, 13 + i, row->hexes[i]);
		bind(ADD_SUBSCRIBER, 23 + i, row->bytes[i]);
	}
	bind(ADD_SUBSCRIBER, 33, row->msc_location);
	bind(ADD_SUBSCRIBER, 34, row->vlr_location);
	return execute(ADD_SUBSCRIBER);
}

static int add_access(const struct access_info *row)
{
	bind(ADD_ACCESS, 1, row->s_id);
	bind(ADD_ACCESS, 2, row->ai_type);
	bind(ADD_ACCESS, 3, row->data1);
	bind(ADD_ACCESS, 4, row->data2);
	bind_text(ADD_ACCESS, 5, row->data3, sizeof row->data3);
	bind_text(ADD_ACCESS, 6, row->data4, sizeof row->data4);
	return execute(ADD_ACCESS);
}

static int add_facility(const struct special_facility *row)
{
	bind(ADD_FACILITY, 1, row->s_id);
	bind(ADD_FACILITY, 2, row->sf_type);
	bind(ADD_FACILITY, 3, row->is_active);
	bind(ADD_FACILITY, 4, row->error_cntrl);
	bind(ADD_FACILITY, 5, row->data_a);
	bind_text(ADD_FACILITY, 6, row->data_b, sizeof row->data_b);
	return execute(ADD_FACILITY);
}

static int add_forwarding(const struct call_forwarding *row)
{
	bind(ADD_FORWARDING, 1, row->s_id);
	bind(ADD_FORWARDING, 2, row->sf_type);
	bind(ADD_FORWARDING, 3, row->start_time);
	bind(ADD_FORWARDING, 4, row->end_time);
	bind_text(ADD_FORWARDING, 5, row->numberx, sizeof row->numberx);
	return execute(ADD_FORWARDING);
}

int store_add(enum table table, const void *row)
{
	switch (table) {
	case SUBSCRIBER:
		return add_subscriber(row);
	case ACCESS_INFO:
		return add_access(row);
	case SPECIAL_FACILITY:
		return add_facility(row);
	default:
		return add_forwarding(row);
	}
}

/* --- rows --- */

static void subscriber_row(enum statement statement, struct subscriber *row)
{
	row->s_id = column(statement, 0);
	column_text(statement, 1, row->sub_nbr, TATP_NUMBER);
	for (int i = 0; i < 10; i++) {
		row->bits[i] = column(statement, 2 + i);
		row->hexes[i] = column(statement, 12 + i);
		row->bytes[i] = column(statement, 22 + i);
	}
	row->msc_location = column(statement, 32);
	row->vlr_location = column(statement, 33);
}

static int visit_table(enum table table, enum statement statement,
		       int (*visit)(void *, enum table, const void *), void *context)
{
	union {
		struct subscriber subscriber;
		struct access_info access;
		struct special_facility facility;
		struct call_forwarding forwarding;
	} row;
	int result;

	while ((result = next(statement)) == 1) {
		memset(&row, 0, sizeof row);
		if (table == SUBSCRIBER) {
			subscriber_row(statement, &row.subscriber);
		} else if (table == ACCESS_INFO) {
			row.access.s_id = column(statement, 0);
			row.access.ai_type = column(statement, 1);
			row.access.data1 = column(statement, 2);
			row.access.data2 = column(statement, 3);
			column_text(statement, 4, row.access.data3, sizeof row.access.data3);
			column_text(statement, 5, row.access.data4, sizeof row.access.data4);
		} else if (table == SPECIAL_FACILITY) {
			row.facility.s_id = column(statement, 0);
			row.facility.sf_type = column(statement, 1);
			row.facility.is_active = column(statement, 2);
			row.facility.error_cntrl = column(statement, 3);
			row.facility.data_a = column(statement, 4);
			column_text(statement, 5, row.facility.data_b, sizeof row.facility.data_b);
		} else {
			row.forwarding.s_id = column(statement, 0);
			row.forwarding.sf_type = column(statement, 1);
			row.forwarding.start_time = column(statement, 2);
			row.forwarding.end_time = column(statement, 3);
			column_text(statement, 4, row.forwarding.numberx,
				    sizeof row.forwarding.numberx);
		}
		result = visit(context, table, &row);
		if (result) {
			done(statement);
			return result;
		}
	}
	return result;
}

int store_visit(int (*visit)(void *context, enum table table, const void *row), void *context)
{
	int result = 0;

	for (int table = 0; table < TABLES && !result; table++)
		result = visit_table(table, ALL_SUBSCRIBERS + table, visit, context);
	return result;
}

/* --- transactions --- */

/* A statement of its own is a transaction of its own. */
int store_get_subscriber_data(uint32_t s_id, struct subscriber *row)
{
	int result;

	bind(SELECT_SUBSCRIBER, 1, s_id);
	result = next(SELECT_SUBSCRIBER);
	if (result == 1) {
		subscriber_row(SELECT_SUBSCRIBER, row);
		done(SELECT_SUBSCRIBER);
	}
	return result;
}

int store_get_new_destination(uint32_t s_id, uint8_t sf_type, uint8_t start_time, uint8_t end_time,
			      char numberx[TATP_NUMBER])
{
	int result;

	bind(SELECT_DESTINATION, 1, s_id);
	bind(SELECT_DESTINATION, 2, sf_type);
	bind(SELECT_DESTINATION, 3, start_time);
	bind(SELECT_DESTINATION, 4, end_time);
	result = next(SELECT_DESTINATION);
	if (result == 1) {
		column_text(SELECT_DESTINATION, 0, numberx, TATP_NUMBER - 1);
		done(SELECT_DESTINATION);
	}
	return result;
}

int store_get_access_data(uint32_t s_id, uint8_t ai_type, struct access_info *row)
{
	int result;

	bind(SELECT_ACCESS, 1, s_id);
	bind(SELECT_ACCESS, 2, ai_type);
	result = next(SELECT_ACCESS);
	if (result == 1) {
		row->data1 = column(SELECT_ACCESS, 0);
		row->data2 = column(SELECT_ACCESS, 1);
		column_text(SELECT_ACCESS, 2, row->data3, sizeof row->data3);
		column_text(SELECT_ACCESS, 3, row->data4, sizeof row->data4);
		done(SELECT_ACCESS);
	}
	return result;
}

/* Commits if all went well; nothing happens otherwise. */
static int finish(int result)
{
	const int error = execute(result > 0 ? COMMIT : ROLLBACK);

	return error ? error : result == -EEXIST ? 0 : result;
}

/* How many rows it changed. */
static int change(enum statement statement)
{
	const int error = execute(statement);

	return error ? error : sqlite3_changes(db);
}

int store_update_subscriber_data(uint32_t s_id, uint8_t bit_1, uint8_t sf_type, uint8_t data_a)
{
	int result = execute(BEGIN);

	if (result)
		return result;
	bind(UPDATE_BIT, 1, bit_1);
	bind(UPDATE_BIT, 2, s_id);
	result = change(UPDATE_BIT);
	if (result == 1) {
		bind(UPDATE_DATA, 1, data_a);
		bind(UPDATE_DATA, 2, s_id);
		bind(UPDATE_DATA, 3, sf_type);
		result = change(UPDATE_DATA);
	}
	return finish(result);
}

int store_update_location(const char sub_nbr[TATP_NUMBER], uint32_t vlr_location)
{
	bind(UPDATE_VLR, 1, vlr_location);
	bind_text(UPDATE_VLR, 2, sub_nbr, TATP_NUMBER - 1);
	return change(UPDATE_VLR);
}

static int select_number(const char *sub_nbr, uint32_t *s_id)
{
	int result;

	bind_text(SELECT_NUMBER, 1, sub_nbr, TATP_NUMBER - 1);
	result = next(SELECT_NUMBER);
	if (result == 1) {
		*s_id = column(SELECT_NUMBER, 0);
		done(SELECT_NUMBER);
	}
	return result;
}

static int has_type(uint32_t s_id, uint8_t sf_type)
{
	int result, found = 0;

	bind(SELECT_TYPES, 1, s_id);
	while ((result = next(SELECT_TYPES)) == 1)
		found |= column(SELECT_TYPES, 0) == sf_type;
	return result ? result : found;
}

int store_insert_call_forwarding(const char sub_nbr[TATP_NUMBER], const struct call_forwarding *row)
{
	struct call_forwarding added = *row;
	int result = execute(BEGIN);

	if (result)
		return result;
	result = select_number(sub_nbr, &added.s_id);
	if (result == 1)
		result = has_type(added.s_id, added.sf_type);
	if (result == 1) {
		result = add_forwarding(&added);
		result = result ? result : 1;
	}
	return finish(result);
}

int store_delete_call_forwarding(const char sub_nbr[TATP_NUMBER], uint8_t sf_type,
				 uint8_t start_time)
{
	uint32_t s_id;
	int result = execute(BEGIN);

	if (result)
		return result;
	result = select_number(sub_nbr, &s_id);
	if (result == 1) {
		bind(DELETE_FORWARDING, 1, s_id);
		bind(DELETE_FORWARDING, 2, sf_type);
		bind(DELETE_FORWARDING, 3, start_time);
		result = change(DELETE_FORWARDING);
	}
	return finish(result);
}

/* --- looking --- */

int store_has_facility(uint32_t s_id, uint8_t sf_type)
{
	int result;

	bind(HAS_FACILITY, 1, s_id);
	bind(HAS_FACILITY, 2, sf_type);
	result = next(HAS_FACILITY);
	if (result == 1)
		done(HAS_FACILITY);
	return result;
}

int store_has_number(const char sub_nbr[TATP_NUMBER], uint32_t s_id)
{
	uint32_t found;

	return select_number(sub_nbr, &found) == 1 && found == s_id;
}

int store_check(void)
{
	char *complaint = NULL;
	const int result = sqlite3_exec(db, "PRAGMA quick_check", NULL, NULL, &complaint);

	sqlite3_free(complaint);
	return result != SQLITE_OK;
}
