/*
 * What the tests of the database have in common: a type with an index of each kind, and a bank.
 */
#ifndef TESTS_HOST_DATABASE_H
#define TESTS_HOST_DATABASE_H

#include <castle/db.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct item {
	uint32_t id;
	uint16_t group;
	uint8_t shade, unused;
	char name[16];
	uint32_t value;
	uint32_t padding[10];
};

struct account {
	uint32_t number;
	int32_t sum;
};

enum { ITEM, ACCOUNT };
enum { BY_NAME, BY_GROUP };

static const struct db_field item_fields[] = {
	DB_FIELD(item, id, DB_U32),    DB_FIELD(item, group, DB_U16), DB_FIELD(item, shade, DB_U8),
	DB_FIELD(item, name, DB_TEXT), DB_FIELD(item, value, DB_U32),
};

static const struct db_index item_indexes[] = {
	{ "name", false, 1, { 3 } },
	{ "group", true, 3, { 1, 2, 0 } },
};

static const struct db_field account_fields[] = {
	DB_FIELD(account, number, DB_U32),
	DB_FIELD(account, sum, DB_U32),
};

static inline int account_add(struct db *db, void *object, void *argument)
{
	struct account *account = object;

	(void)db;
	account->sum += *(int *)argument;
	return 1;
}

static db_method *const account_methods[] = { account_add };

static const struct db_type test_types[] = {
	DB_TYPE(item, item_fields, .key_size = 4, .expect = 128, .indexes = item_indexes,
		.index_count = 2),
	DB_TYPE(account, account_fields, .key_size = 4, .expect = 64, .methods = account_methods,
		.method_count = 1),
};

#define TEST_TYPES 2
#define TEST_BYTES (4u << 20)

/* Marsaglia, Xorshift RNGs, Journal of Statistical Software, 2003. */
static inline uint32_t random_below(uint32_t *state, uint32_t limit)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state % limit;
}

/* A database of this test's own, which has no name any more. */
static inline struct db *test_open(char name[32])
{
	snprintf(name, 32, "test-%d", (int)getpid());
	db_remove(name);
	return db_open(name, test_types, TEST_TYPES, TEST_BYTES);
}

#endif
